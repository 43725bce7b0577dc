//! Members that come, go, crash and change their minds, while topics come and coordinators fail over.

use ottla_machine::Entropy;

use super::*;

const TOPICS: [&str; 4] = ["foo", "food", "bar", "baz"];

struct Simulation {
    world: World,
    random: Entropy,
    clients: Vec<Client>,
    next_id: u32,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        Self {
            world: world(&[("foo", 5), ("bar", 3)]),
            random: Entropy::new(seed),
            clients: Vec::new(),
            next_id: 0,
        }
    }

    fn subscription(&mut self) -> (Vec<String>, Option<String>) {
        let names: Vec<_> = TOPICS
            .iter()
            .filter(|_| self.random.below(2) == 0)
            .map(|name| (*name).to_owned())
            .collect();
        let regexes = ["", "foo.*", "ba[rz]", ".*"];
        let regex = regexes[self.random.below(4) as usize];
        (names, Some(regex.to_owned()))
    }

    fn come(&mut self) {
        self.next_id += 1;
        let (topics, regex) = self.subscription();
        let mut client = Client {
            id: format!("m{}", self.next_id),
            instance: (self.random.below(3) == 0).then(|| format!("i{}", self.next_id)),
            topics,
            regex,
            ..Client::default()
        };
        client.join(&mut self.world);
        self.clients.push(client);
    }

    fn step(&mut self) {
        let some = (!self.clients.is_empty())
            .then(|| self.random.below(self.clients.len() as u64) as usize);
        match (self.random.below(12), some) {
            (0 | 1, _) if self.clients.len() < 8 => self.come(),
            (2, Some(at)) => {
                let client = self.clients.swap_remove(at);
                beat(&mut self.world, client.leaving(-1));
            }
            (3, Some(at)) => {
                let client = self.clients.swap_remove(at);
                if client.instance.is_some() {
                    beat(&mut self.world, client.leaving(-2));
                    let mut back = Client {
                        id: format!("{}'", client.id),
                        ..client
                    };
                    back.join(&mut self.world);
                    self.clients.push(back);
                }
            }
            (4, Some(at)) => {
                let (topics, regex) = self.subscription();
                let client = &mut self.clients[at];
                (client.topics, client.regex) = (topics.clone(), regex.clone());
                let request = ConsumerGroupHeartbeatRequest {
                    subscribed_topic_names: Some(topics),
                    subscribed_topic_regex: regex,
                    ..client.beating()
                };
                let answer = beat(&mut self.world, request);
                self.clients[at].take(answer);
            }
            (5, _) => {
                let name = TOPICS[self.random.below(4) as usize];
                let partitions = 1 + self.random.below(6) as i32;
                let has = self
                    .world
                    .image
                    .topic(name)
                    .map_or(0, |topic| topic.partitions.len());
                if partitions > has as i32 {
                    let grow = |image: &mut Image| add_topic(image, name, partitions);
                    change_topics(&mut self.world, grow, &[name]);
                }
            }
            (6, _) => {
                self.world.reload();
            }
            _ => self.world.pass(1_000 * self.random.below(4)).clear(),
        }
        for at in 0..self.clients.len() {
            if self.random.below(3) > 0 {
                self.clients[at].beat(&mut self.world);
            }
            check_owners(&self.clients);
        }
    }

    /// Everything that somebody is subscribed to is read by somebody who is.
    fn check_all_is_read(&mut self) {
        for topic in self.world.image.topics() {
            let wants = |client: &Client| {
                client.topics.iter().any(|name| **name == *topic.name)
                    || client.regex.as_deref().is_some_and(|regex| {
                        let regex = crate::regex::SubscriptionRegex::compile(regex).unwrap();
                        regex.matches(&topic.name)
                    })
            };
            let reads = |client: &Client| client.indexes(&topic.name).len();
            let read: usize = self
                .clients
                .iter()
                .filter(|client| wants(client))
                .map(reads)
                .sum();
            let wanted = self.clients.iter().any(wants);
            let all = if wanted { topic.partitions.len() } else { 0 };
            assert_eq!(read, all, "{}: {:#?}", topic.name, self.clients);
            let others = self.clients.iter().filter(|client| !wants(client));
            assert_eq!(others.map(reads).sum::<usize>(), 0, "{}", topic.name);
        }
    }
}

#[test]
fn no_partition_has_two_readers_and_all_are_read_in_the_end() {
    for seed in 0..8 {
        let mut simulation = Simulation::new(seed);
        for _ in 0..40 {
            simulation.step();
        }
        // Those that crashed are given up, and expressions are looked up again.
        for _ in 0..14 {
            simulation.world.pass(5_000);
            for client in &mut simulation.clients {
                client.beat(&mut simulation.world);
            }
        }
        settle(&mut simulation.world, &mut simulation.clients);
        simulation.check_all_is_read();
    }
}
