use super::*;

/// All special characters of ASCII.
const SPECIAL: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn an_encoded_password_of_any_special_characters_reads_back() {
    for password in SPECIAL.chars().map(|c| format!("a{c}b")).chain([SPECIAL.to_owned()]) {
        let text = format!("amqp://u:{}@h:1/v", encoded(&password));
        let address = ServerAddress::parse(&text).unwrap();
        assert_eq!(address.password, Some(password));
        assert_eq!((&*address.host, address.port, &*address.path), ("h", Some(1), "v"));
    }
}

#[test]
fn a_raw_special_character_is_taken_as_it_is_or_refused_without_a_word_of_the_secret() {
    for c in SPECIAL.chars() {
        for secret in [format!("sec{c}ret"), format!("12{c}ret"), format!("{c}ret")] {
            match ServerAddress::parse(&format!("amqp://u:{secret}@h/")) {
                Ok(address) => {
                    assert_eq!(address.password.as_deref(), Some(&*secret), "{c}");
                    assert_eq!((&*address.host, &*address.path), ("h", ""));
                }
                Err(wrong) => {
                    assert!("%/?#".contains(c), "{c}: {wrong}");
                    assert!(!wrong.to_string().contains("ret"), "{wrong}");
                }
            }
        }
    }
}

#[test]
fn hosts_are_names_or_addresses_and_nothing_else_becomes_localhost() {
    for (text, host, port) in [
        ("h", "h", None),
        ("h:", "h", None),
        ("ho%61st:10000", "hoast", Some(10_000)),
        ("127.0.0.1:5672", "127.0.0.1", Some(5672)),
        ("[2001:db8::7]", "2001:db8::7", None),
        ("[::1]:5672", "::1", Some(5672)),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", None),
        ("rabbit_1.my-net", "rabbit_1.my-net", None),
        ("bücher.example", "bücher.example", None),
    ] {
        let address = ServerAddress::parse(&format!("amqp://u:p@{text}/")).unwrap();
        assert_eq!((&*address.host, address.port), (host, port));
    }
    for text in
        ["", ":5672", "[", "[]", "[::1", "[::1]x", "[h]", "::1", "h:0", "h:65536", "h:x", "a,b"]
    {
        assert!(ServerAddress::parse(&format!("amqp://u:p@{text}/")).is_err(), "{text}");
    }
}

#[test]
fn a_list_of_places_is_an_address_for_each() {
    let read = |places: &str| {
        let text = format!("amqps://u:p,%40@{places}/v?heartbeat=3");
        let (first, others) = ServerAddress::parse_list(&text)?;
        Ok::<_, WrongServerAddress>([vec![first], others].concat())
    };
    let all = read("a,b:5673,[::1],[2001:db8::7]:1").unwrap();
    let places: Vec<_> = all.iter().map(|at| (&*at.host, at.port)).collect();
    let wanted = [("a", None), ("b", Some(5673)), ("::1", None), ("2001:db8::7", Some(1))];
    assert_eq!(places, wanted);
    for at in &all {
        let login = (at.user.as_deref(), at.password.as_deref());
        assert_eq!((login, &*at.path), ((Some("u"), Some("p,@")), "v"));
    }
    assert_eq!(read("a").unwrap().len(), 1);
    assert_eq!(read(&vec!["a"; 16].join(",")).unwrap().len(), 16);
    let many = vec!["a"; 17].join(",");
    for wrong in ["a,", ",a", "a,,b", ",", "a, b", "a,b:0", "a,::1", "a,[::1", "", &many] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    let said = |places: &str| read(places).err().unwrap().to_string();
    assert!(["a,", ",a", "a,,b", ","].iter().all(|list| said(list).contains("too many commas")));
    assert!(!said("").contains("too many commas"), "one place is no list");
    assert!([17, 18].iter().all(|n| said(&vec!["a"; *n].join(",")).contains("more than 16")));
}

#[test]
fn a_login_at_each_place_is_refused_without_a_word_of_it() {
    let wrong = ServerAddress::parse_list("amqp://u:s3cret@a,u:s3cret@b/").err().unwrap();
    assert!(wrong.to_string().contains("once"), "{wrong}");
    assert!(!wrong.to_string().contains("s3cret"), "{wrong}");
}

#[test]
fn a_url_has_an_ipv6_address_in_brackets_and_other_hosts_as_they_are() {
    let hosts = ["::1", "10.0.0.1", "db.example.org"].map(ServerAddress::host_in_url);
    assert_eq!(hosts, ["[::1]", "10.0.0.1", "db.example.org"]);
}

#[test]
fn a_space_and_a_control_character_are_refused_for_what_they_are() {
    for text in ["amqp://h /", "amqp://h\u{7}/", "amqp://h\n/"] {
        let said = ServerAddress::parse(text).err().unwrap().to_string();
        assert!(said.contains("a space or a control character"), "{said}");
    }
    let said = ServerAddress::parse("amqp://2001:db8::7/").err().unwrap().to_string();
    assert!(said.contains("write an IPv6 address as ["), "{said}");
}

#[test]
fn path_and_options_are_decoded() {
    let address = ServerAddress::parse("amqp://h/%2f?heartbeat=3&&x=a%26b").unwrap();
    assert_eq!(address.path, "/");
    let options = [("heartbeat", "3"), ("x", "a&b")];
    assert_eq!(address.options, options.map(|(name, value)| (name.into(), value.into())));
    for text in ["amqp://h/a/b", "amqp://h/a%", "amqp://h/%zz", "amqp://h/%ff", "h", "amqp:h"] {
        assert!(ServerAddress::parse(text).is_err(), "{text}");
    }
}
