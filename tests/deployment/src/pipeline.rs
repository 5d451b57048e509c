//! Facts about the Jenkinsfile: its commands are run here, in its order.

use std::fs;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::ansible::Ansible;
use crate::docker::output;
use crate::facts::{Facts, expect};
use crate::image::debian;
use crate::machines::{MANAGER, Machines, folder};
use crate::scripts::{Environment, command};
use crate::{advisories, agent, images, stand_ins};
use xtask::Failure;
use xtask::workspace::{Stage, root};

/// Scripts that take too long here, and the command that does the same.
const APART: [(&str, &str); 4] = [
    ("ci/lint-code.sh", "`cargo xtask test` does the same"),
    ("ci/servers.sh", "`--only servers` does the same"),
    ("ci/package.sh", "`--only packages` does the same"),
    ("ci/browser.sh", "`cargo xtask browser` does the same"),
];

/// The first command that leaves this machine.
const PUSH: &str = "ci/push.sh";

/// Runs what the Jenkinsfile runs before anything is pushed, in its order; Jenkins itself is not
/// here.
pub(crate) async fn checks(facts: &mut Facts) -> Result<(), Failure> {
    let mut environment = vec![("REPORTS", reports().display().to_string())];
    for script in scripts()?.iter().take_while(|script| *script != PUSH) {
        if let Some((_, why)) = APART.iter().find(|(apart, _)| apart == script) {
            facts.skip(script, why);
            continue;
        }
        let fact = format!("Jenkins: {script}");
        match script.as_str() {
            "ci/build.sh" => {
                environment.extend(bases().await?);
                images::spymission().await?; // its layers make the build short
                facts.prove(&fact, run(script, &environment)).await?;
            }
            "ci/test.sh" => facts.prove(&fact, test(&environment)).await?,
            "ci/scan.sh" => facts.prove(&fact, advisories::scanned()).await?,
            "ci/lint-deployment.sh" | "ci/try.sh" => {
                facts.prove(&fact, tell(script, &environment)).await?;
            }
            _ => facts.prove(&fact, run(script, &environment)).await?,
        }
    }
    Ok(())
}

/// The same, from the push on: the machines get what was built.
pub(crate) async fn delivery(
    facts: &mut Facts,
    machines: &Machines,
    ansible: &Ansible,
) -> Result<(), Failure> {
    let mut environment = agent::credentials(machines, ansible).await?;
    environment.push(("REPORTS", reports().display().to_string()));
    for script in scripts()?.iter().skip_while(|script| *script != PUSH) {
        let fact = format!("Jenkins: {script}");
        match script.as_str() {
            "ci/deploy.sh" => facts.prove(&fact, deploy(machines, &environment)).await?,
            "ci/roll-back.sh" => facts.prove(&fact, back(machines, &environment)).await?,
            "ci/notify.sh" => facts.prove(&fact, notify()).await?,
            _ => facts.prove(&fact, run(script, &environment)).await?,
        }
    }
    Ok(())
}

/// The commands of all `sh` steps, without arguments.
fn scripts() -> Result<Vec<String>, Failure> {
    let commands = commands(&fs::read_to_string(root().join("Jenkinsfile"))?);
    let script = |command: &String| command.split(' ').next().unwrap_or_default().to_owned();
    Ok(commands.iter().map(script).collect())
}

/// The commands of all `sh` steps, as written.
fn commands(jenkinsfile: &str) -> Vec<String> {
    let steps = jenkinsfile.split(" sh ").skip(1);
    let quoted = steps.filter_map(|rest| {
        let quote = rest.chars().next().filter(|first| ['\'', '"'].contains(first))?;
        Some(rest.get(1..)?.split(quote).next()?.to_owned())
    });
    quoted.collect()
}

/// What the image is built on.
async fn bases() -> Result<Environment, Failure> {
    Ok(vec![("BUILDER", stand_ins::rust().await?), ("ROOTS", debian("trixie").await?)])
}

fn reports() -> PathBuf {
    folder().join("reports")
}

async fn run(script: &str, environment: &Environment) -> Result<String, Failure> {
    let said = output(command(script, environment)).await?;
    Ok(said.trim().lines().last().unwrap_or_default().to_owned())
}

/// One that prints facts of its own.
async fn tell(script: &str, environment: &Environment) -> Result<String, Failure> {
    let good = Stage::start(command(script, environment))?.wait().await?;
    expect(good, || "it failed".to_owned())?;
    Ok("all of that holds".into())
}

/// All tests would take too long: those of one small crate, without the limit of coverage.
async fn test(environment: &Environment) -> Result<String, Failure> {
    let mut command = command("ci/test.sh", environment);
    command.args(["-p", "telemetry"]).env("AT_LEAST", "0");
    output(command).await?;
    let results = fs::read_to_string(reports().join("junit.xml"))?;
    let tests = results.matches("<testcase").count();
    expect(tests > 0, || "no test has a result".to_owned())?;
    let lines = fs::read_to_string(reports().join("lcov.info"))?.matches("\nDA:").count();
    expect(lines > 0, || "no line was measured".to_owned())?;
    Ok(format!("one crate only: {tests} results, {lines} lines measured"))
}

/// The machines have another name for the registry than this machine.
async fn deploy(machines: &Machines, environment: &Environment) -> Result<String, Failure> {
    let digest = fs::read_to_string(reports().join("image.digest"))?;
    let (_, name) = digest.trim().split_once('/').ok_or("a digest without a registry")?;
    let image = format!("{}/{name}", machines.registry());
    let mut environment = environment.clone();
    environment.push(("IMAGE", image.clone()));
    run("ci/deploy.sh", &environment).await?;
    let running = running(machines).await?;
    expect(running == image, || format!("{running} runs, not {image}"))?;
    Ok(image)
}

async fn back(machines: &Machines, environment: &Environment) -> Result<String, Failure> {
    let before = running(machines).await?;
    let mut other = environment.clone();
    other.push(("BUILD_TAG", "jenkins-spymission-main-6".to_owned()));
    run("ci/roll-back.sh", &other).await?;
    let now = running(machines).await?;
    expect(now == before, || "another build has taken it back".to_owned())?;
    run("ci/roll-back.sh", environment).await?;
    let now = running(machines).await?;
    expect(now != before, || format!("{before} still runs"))?;
    Ok(format!("{now} runs again"))
}

/// The image of the gateways.
async fn running(machines: &Machines) -> Result<String, Failure> {
    let ask = "docker service inspect --format \
        '{{.Spec.TaskTemplate.ContainerSpec.Image}}' spymission_gateway";
    Ok(machines.ssh(MANAGER, ask).await?.trim().to_owned())
}

async fn notify() -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut command = command("ci/notify.sh", &Vec::new());
    command.arg("SUCCESS");
    command.env("NOTIFY_URL", format!("http://{}/", listener.local_addr()?));
    let hear = async {
        let (mut stream, _) = listener.accept().await?;
        let mut heard = vec![0; 4_096];
        let mut length = 0;
        while !String::from_utf8_lossy(&heard).contains('}') {
            let Some(room) = heard.get_mut(length..) else { break };
            match stream.read(room).await? {
                0 => break,
                read => length += read,
            }
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
        Ok::<_, Failure>(String::from_utf8_lossy(&heard).into_owned())
    };
    let (_, heard) = tokio::try_join!(output(command), hear)?;
    expect(heard.contains("SUCCESS"), || format!("heard {heard:?}"))?;
    Ok("the hook heard it".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_jenkinsfile_calls_one_script_of_this_repository() {
        let text = fs::read_to_string(root().join("Jenkinsfile")).unwrap();
        let commands = commands(&text);
        assert_eq!(commands.len(), text.matches(" sh '").count() + text.matches(" sh \"").count());
        assert!(commands.len() >= 11);
        for command in commands {
            let script = command.split(' ').next().unwrap();
            assert!(script.starts_with("ci/") && root().join(script).is_file(), "{command}");
            assert!(!command.contains(['|', ';', '&']), "{command} is more than one command");
        }
    }
}
