using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>A mount of a service, short or long.</summary>
internal sealed class VolumeShape : Shape
{
    /// <summary>The long form.</summary>
    public static RecordShape Long { get; } = new(
        new Key("type", ScalarShape.Choice("bind", "volume", "tmpfs", "image")) { IsRequired = true },
        new Key("source", ScalarShape.Text),
        new Key("target", ScalarShape.Text) { IsRequired = true },
        new Key("read_only", ScalarShape.Boolean),
        new Key("consistency", ScalarShape.Choice("consistent", "cached", "delegated")),
        new Key("bind", new RecordShape(
            new Key("selinux", ScalarShape.Choice("z", "Z")),
            new Key("propagation", ScalarShape.Choice("private", "rprivate", "shared", "rshared", "slave", "rslave")),
            new Key("create_host_path", ScalarShape.Boolean),
            new Key("recursive", ScalarShape.Choice("enabled", "disabled", "writable", "readonly")))),
        new Key("volume", new RecordShape(
            new Key("labels", Common.Pairs()),
            new Key("nocopy", ScalarShape.Boolean),
            new Key("subpath", ScalarShape.Text))),
        new Key("tmpfs", new RecordShape(
            new Key("size", ScalarShape.Bytes),
            new Key("mode", ScalarShape.FileMode))),
        new Key("image", new RecordShape(
            new Key("subpath", ScalarShape.Text))));

    public override string Expected => "a mapping or text such as name:/data";

    public override Node? Read(Node node, Reading reading, DocumentPath path) =>
        node is Scalar { Kind: not ScalarKind.Null } scalar ? VolumeForm.Read(scalar, reading, path)
        : Long.Read(node, reading, path) is { } read ? VolumeForm.Finish(read, reading, path) : null;
}
