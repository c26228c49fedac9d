use tenon_plugin::{Error, Plugin, Reply};

tenon_plugin::export!("hello", "1.0.0", |plugin: &mut Plugin| {
    plugin
        .tool("greet", "Greets somebody by name")
        .text("name", "Whom to greet")
        .integer_or("times", "How often", 1)
        .read_only()
        .run(|call| {
            let times = call.integer("times");
            if !(1..=10).contains(&times) {
                return Err(Error::new("Give 1 to 10 times."));
            }
            Ok(Reply::text(format!("Hello, {}! ", call.text("name")).repeat(times as usize)))
        });
});
