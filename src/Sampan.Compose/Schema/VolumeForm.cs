using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>The short form of a mount, <c>[SOURCE:]TARGET[:MODE]</c>: a source with a slash, a dot or a tilde in front is a path of the host, another one a volume.</summary>
internal static class VolumeForm
{
    private const string Form = "a mount such as /data, name:/data, ./path:/data or name:/data:ro";

    public static Node? Read(Scalar scalar, Reading reading, DocumentPath path)
    {
        string[] parts = scalar.Text.Split(':');
        string target = parts.Length == 1 ? parts[0] : parts[1];
        if (parts.Length > 3 || scalar.Kind != ScalarKind.Text || !target.StartsWith('/') || parts[0].Length == 0)
        {
            reading.Expected(scalar, path, Form);
            return null;
        }
        string? source = parts.Length == 1 ? null : parts[0];
        bool isPath = source is not null && source[0] is '/' or '.' or '~';
        var bind = new List<Member>();
        var volume = new List<Member>();
        bool readOnly = false;
        foreach (string option in parts.Length == 3 ? parts[2].Split(',') : [])
        {
            switch (option)
            {
                case "ro": readOnly = true; break;
                case "rw": break;
                case "z" or "Z": bind.Add(new("selinux", scalar.At, Scalar.Of(option))); break;
                case "nocopy" when !isPath: volume.Add(new("nocopy", scalar.At, Scalar.Of(true))); break;
                case "private" or "rprivate" or "shared" or "rshared" or "slave" or "rslave" when isPath: bind.Add(new("propagation", scalar.At, Scalar.Of(option))); break;
                case "cached" or "delegated" or "consistent": break;
                default:
                    reading.Problems.Add(scalar.At, path, $"unknown mode '{option}' of a mount: expected ro, rw, z, Z{(isPath ? " or a propagation such as rshared" : " or nocopy")}");
                    return null;
            }
        }
        var members = new List<Member> { new("type", scalar.At, Scalar.Of(isPath ? "bind" : "volume")) };
        if (source is not null) members.Add(new("source", scalar.At, Scalar.Of(isPath ? reading.Resolve(source) : source)));
        members.Add(new("target", scalar.At, Scalar.Of(Clean(target))));
        if (readOnly) members.Add(new("read_only", scalar.At, Scalar.Of(true)));
        if (isPath)
        {
            bind.Add(new("create_host_path", scalar.At, Scalar.Of(true)));
            members.Add(new("bind", scalar.At, new Mapping(scalar.At, bind)));
        }
        else members.Add(new("volume", scalar.At, new Mapping(scalar.At, volume)));
        return new Mapping(scalar.At, members);
    }

    /// <summary>Checks a long form, and makes its source absolute if it is a path.</summary>
    public static Node Finish(Node node, Reading reading, DocumentPath path)
    {
        if (node is not Mapping mapping) return node;
        string type = mapping.Text("type") ?? "";
        string? source = mapping.Text("source");
        if (type == "bind" && source is not null) mapping = mapping.With("source", new Scalar(mapping["source"]?.At ?? mapping.At, reading.Resolve(source)));
        if (type is "bind" or "image" && string.IsNullOrEmpty(source)) reading.Problems.Add(mapping.At, path, $"a mount of the type '{type}' needs a source");
        if (type == "tmpfs" && source is not null) reading.Problems.Add(mapping.At, path["source"], "a mount of the type 'tmpfs' has no source");
        if (mapping.Text("target") is { } target)
        {
            if (target.StartsWith('/')) mapping = mapping.With("target", new Scalar(mapping["target"]?.At ?? mapping.At, Clean(target)));
            else reading.Problems.Add(mapping["target"]?.At ?? mapping.At, path["target"], $"expected an absolute path, not '{target}'");
        }
        foreach (string other in new[] { "bind", "volume", "tmpfs", "image" })
            if (other != type && mapping[other] is not null) reading.Problems.Add(mapping.Find(other)?.At ?? mapping.At, path[other], $"a mount of the type '{type}' has no options of '{other}'");
        return mapping;
    }

    private static string Clean(string target) => target.Length > 1 ? target.TrimEnd('/') is { Length: > 0 } t ? t : "/" : target;
}
