namespace Sampan.Compose.Schema;

/// <summary>The keys <c>deploy</c> and <c>develop</c> of a service.</summary>
internal static class DeploySchema
{
    public static RecordShape Deploy() => new(
        new Key("mode", ScalarShape.Choice("replicated", "global")),
        new Key("replicas", ScalarShape.Integer(0, 10_000)),
        new Key("labels", Common.Pairs()),
        new Key("update_config", Update("pause", "continue", "rollback")),
        new Key("rollback_config", Update("pause", "continue")),
        new Key("resources", new RecordShape(
            new Key("limits", new RecordShape(
                new Key("cpus", Cpus),
                new Key("memory", ScalarShape.Bytes),
                new Key("pids", ScalarShape.Integer(-1)))),
            new Key("reservations", new RecordShape(
                new Key("cpus", Cpus),
                new Key("memory", ScalarShape.Bytes),
                new Key("devices", new ListShape(Common.Device()) { Key = null }),
                new Key("generic_resources", AnyShape.Instance) { Refusal = "resources that nodes declare need a cluster; this is one node" })))),
        new Key("restart_policy", new RecordShape(
            new Key("condition", ScalarShape.Choice("none", "on-failure", "any")),
            new Key("delay", ScalarShape.Duration),
            new Key("max_attempts", ScalarShape.Integer(0)),
            new Key("window", ScalarShape.Duration))),
        new Key("placement", new RecordShape(
            new Key("constraints", ListShape.Texts()),
            new Key("preferences", new ListShape(new RecordShape(new Key("spread", ScalarShape.Text))) { Key = null }),
            new Key("max_replicas_per_node", ScalarShape.Integer(0)))),
        new Key("endpoint_mode", ScalarShape.Choice("vip", "dnsrr")));

    public static RecordShape Develop() => new(
        new Key("watch", new ListShape(new RecordShape(
            new Key("path", ScalarShape.HostPath) { IsRequired = true },
            new Key("action", ScalarShape.Choice("rebuild", "sync", "restart", "sync+restart", "sync+exec")) { IsRequired = true },
            new Key("target", ScalarShape.Text),
            new Key("exec", Common.Hook()),
            new Key("include", ListShape.OneOrMore()),
            new Key("ignore", ListShape.OneOrMore()),
            new Key("initial_sync", ScalarShape.Boolean))
        {
            Check = static (m, reading, path) =>
            {
                if (m.Text("action")?.StartsWith("sync", StringComparison.Ordinal) == true && m.Text("target") is null) reading.Problems.Add(m.At, path, $"the action '{m.Text("action")}' needs a target: where files go in the container");
                if (m.Text("action") == "sync+exec" && m["exec"] is null) reading.Problems.Add(m.At, path, "the action 'sync+exec' needs 'exec': the command");
                if (m.Text("action") != "sync+exec" && m.Find("exec") is { } exec) reading.Problems.Add(exec.At, path["exec"], "'exec' belongs to the action 'sync+exec'");
            },
        })
        {
            Key = null,
        }));

    private static ScalarShape Cpus { get; } = new("a number of processors such as 0.5", static (s, reading) =>
        decimal.TryParse(s.Text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out decimal _) ? s with { Kind = Documents.ScalarKind.Text } : null);

    private static RecordShape Update(params string[] answers) => new(
        new Key("parallelism", ScalarShape.Integer(0)),
        new Key("delay", ScalarShape.Duration),
        new Key("failure_action", ScalarShape.Choice(answers)),
        new Key("monitor", ScalarShape.Duration),
        new Key("max_failure_ratio", ScalarShape.Number),
        new Key("order", ScalarShape.Choice("start-first", "stop-first")));
}
