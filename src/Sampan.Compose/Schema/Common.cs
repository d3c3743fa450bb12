using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>Shapes that several parts of the schema use.</summary>
internal static class Common
{
    /// <summary>Values by name, as a mapping or as a list of NAME=value.</summary>
    public static MapShape Pairs() => new(ScalarShape.Any) { FromItem = MapShape.Pair };

    /// <summary>Options by name.</summary>
    public static MapShape Options() => new(ScalarShape.Any);

    public static MapShape Named(Shape value) => new(value) { AcceptsKey = IsName, ExpectedKey = "letters, digits, '.', '_' and '-'" };

    public static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary><c>external: true</c>, or the old form with the name below it.</summary>
    public static RecordShape External() => new(new Key("name", ScalarShape.Text)) { Short = static (s, reading, path) => ScalarShape.Boolean.Read(s, reading, path), ShortExpected = "true or false" };

    public static ListShape ExtraHosts() => new(ScalarShape.Checked("a host and its address such as somehost=10.1.2.3", static t => t.IndexOfAny(['=', ':']) > 0))
    {
        FromMember = static m => (m.Value is Sequence list ? list.Items : [m.Value]).OfType<Scalar>().Select(s => $"{m.Key}={s.Text}"),
    };

    public static MapShape Ulimits() => new(new RecordShape(
        new Key("soft", ScalarShape.Integer(-1)) { IsRequired = true },
        new Key("hard", ScalarShape.Integer(-1)) { IsRequired = true })
    {
        Short = static (s, reading, path) => ScalarShape.Integer(-1).Read(s, reading, path),
        ShortExpected = "a whole number",
    });

    /// <summary>Which configs or secrets a service sees, and where.</summary>
    public static ListShape Grants() => new(new RecordShape(
        new Key("source", ScalarShape.Text) { IsRequired = true },
        new Key("target", ScalarShape.Text),
        new Key("uid", ScalarShape.Checked("a number in quotes", static t => uint.TryParse(t, out _))),
        new Key("gid", ScalarShape.Checked("a number in quotes", static t => uint.TryParse(t, out _))),
        new Key("mode", ScalarShape.FileMode))
    {
        Short = static (s, _, _) => Nodes.Of(s.At, ("source", s)),
    })
    {
        Key = static node => node is Mapping m ? m.Text("target") ?? m.Text("source") ?? "" : "",
        Short = static (s, _, _) => [Nodes.Of(s.At, ("source", s))],
    };

    public static RecordShape Hook() => new(
        new Key("command", CommandShape.Instance) { IsRequired = true },
        new Key("user", ScalarShape.Text),
        new Key("privileged", ScalarShape.Boolean),
        new Key("working_dir", ScalarShape.Text),
        new Key("environment", Pairs()));

    public static RecordShape Device() => new(
        new Key("capabilities", ListShape.Texts()),
        new Key("driver", ScalarShape.Text),
        new Key("count", new ScalarShape("a whole number or 'all'", static (s, _) => s.Text == "all" ? Scalar.Of(-1) : long.TryParse(s.Text, out long n) && n >= -1 ? Scalar.Of(n) : null)),
        new Key("device_ids", ListShape.Texts()),
        new Key("options", Pairs()))
    {
        Check = static (m, reading, path) =>
        {
            if (m["count"] is not null && m["device_ids"] is not null) reading.Problems.Add(m.At, path, "'count' and 'device_ids' exclude each other");
        },
    };
}
