//! The machines of a run, what is deployed to them, and the facts that are tried on them.

use crate::ansible::{self, Ansible, Images};
use crate::facts::Facts;
use crate::machines::Machines;
use crate::swarm::Swarm;
use crate::swarm_facts::{self, Versions};
use crate::{ansible_facts, day_two, images, options, pipeline, releases, tools, upkeep};
use xtask::Failure;

/// The machines, when they were made.
#[derive(Default)]
pub(crate) struct Lab(Option<Made>);

struct Made {
    machines: Machines,
    ansible: Ansible,
    images: Images,
}

impl Made {
    fn swarm(&self) -> Swarm<'_> {
        let Self { machines, ansible, images } = self;
        Swarm { machines, ansible, images }
    }

    /// Builds the versions before and after this one, and brings them to the registry.
    async fn versions(&self) -> Result<Versions, Failure> {
        let tag = images::spymission().await?;
        let push = async |tag: String| self.machines.push(&tag).await;
        Ok(Versions {
            released: push(images::released().await?).await?,
            next: push(releases::next(&tag).await?).await?,
            broken: push(releases::broken(&tag).await?).await?,
            unready: push(releases::unready(&tag).await?).await?,
        })
    }
}

impl Lab {
    /// Makes the machines, and makes them a swarm with Ansible.
    ///
    /// # Errors
    /// A fact does not hold.
    pub(crate) async fn make(&mut self, facts: &mut Facts, keep: bool) -> Result<(), Failure> {
        let mut made = None;
        let start = async {
            made = Some(Machines::start(keep).await?);
            Ok("each answers by SSH, a registry beside them".into())
        };
        facts.prove("three machines with systemd", start).await?;
        let Some(machines) = made else { return Ok(()) };
        let mut pushed = None;
        let push = async {
            pushed = Some(Images::push(&machines, &images::spymission().await?).await?);
            Ok("each has a digest, and is deployed by it".into())
        };
        facts.prove("images are pushed once", push).await?;
        let Some(images) = pushed else { return Ok(()) };
        let encrypted = ansible::encrypts(&machines).await;
        if encrypted {
            facts.say("what follows runs on an encrypted overlay");
        } else {
            facts.skip(
                "the overlay between the machines is encrypted",
                "this kernel has no ESP; what follows runs on one that is not",
            );
        }
        let ansible = Ansible::new(&machines, &images, encrypted).await?;
        let made = self.0.insert(Made { machines, ansible, images });
        ansible_facts::show(facts, &made.machines, &made.ansible).await
    }

    /// Tries the facts about the swarm.
    ///
    /// # Errors
    /// A fact does not hold.
    pub(crate) async fn swarm(&mut self, facts: &mut Facts) -> Result<(), Failure> {
        let made = self.made().await?;
        let (swarm, versions) = (made.swarm(), made.versions().await?);
        options::show(facts, &swarm, &versions.next).await?;
        swarm_facts::versions(facts, &swarm, &versions).await?;
        swarm_facts::losses(facts, &swarm).await
    }

    /// Tries the facts about its upkeep.
    ///
    /// # Errors
    /// A fact does not hold.
    pub(crate) async fn upkeep(&mut self, facts: &mut Facts) -> Result<(), Failure> {
        let swarm = self.made().await?.swarm();
        day_two::show(facts, &swarm).await?;
        upkeep::show(facts, &swarm).await
    }

    /// Delivers to it as Jenkins does.
    ///
    /// # Errors
    /// A fact does not hold.
    pub(crate) async fn delivery(&mut self, facts: &mut Facts) -> Result<(), Failure> {
        let made = self.made().await?;
        pipeline::delivery(facts, &made.machines, &made.ansible).await
    }

    /// The machines of this run, or those that `--only machines --keep` left.
    async fn made(&mut self) -> Result<&Made, Failure> {
        if self.0.is_none() {
            let machines = Machines::kept().await.map_err(|why| {
                format!("there are no machines, make them with --only machines --keep ({why})")
            })?;
            tools::install().await?;
            let ansible = Ansible::kept(&machines)?;
            let images = ansible.images()?;
            self.0 = Some(Made { machines, ansible, images });
        }
        self.0.as_ref().ok_or_else(|| "there are no machines".into())
    }
}
