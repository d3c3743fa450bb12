using Sampan.Cli.Output;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Tables;

/// <summary>The columns of ps.</summary>
internal static class ContainerShape
{
    public const string Standard = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

    public static RowShape<ContainerSummary> Create(bool full, TimeProvider time) => new("container",
    [
        new("ID", "CONTAINER ID", c => full ? c.Id : Texts.ShortId(c.Id)),
        new("Names", "NAMES", c => string.Join(',', (full ? c.Names ?? [] : (c.Names ?? []).Where(n => !n.TrimStart('/').Contains('/'))).Select(n => n.TrimStart('/')))),
        new("Image", "IMAGE", c => Image(c, full)),
        new("Command", "COMMAND", c => Texts.Quote(full ? c.Command : Texts.Cut(c.Command, 20))),
        new("CreatedAt", "CREATED AT", c => HumanTime.Stamp(DateTimeOffset.FromUnixTimeSeconds(c.Created), time)),
        new("RunningFor", "CREATED", c => HumanTime.Ago(DateTimeOffset.FromUnixTimeSeconds(c.Created), time)),
        new("Platform", "PLATFORM", c => c.ImageManifestDescriptor?.Platform is { } platform ? new PlatformValue(platform) : null),
        new("Ports", "PORTS", c => PortList.Show(c.Ports)),
        new("State", "STATE", c => c.State),
        new("Status", "STATUS", c => c.Status),
        new("Size", "SIZE", c => Size(c)),
        new("Labels", "LABELS", c => Texts.Labels(c.Labels)),
        new("Label", "LABEL", _ => "") { WithArgument = (c, name) => c.Labels?.GetValueOrDefault(name) ?? "" },
        new("Mounts", "MOUNTS", c => string.Join(',', (c.Mounts ?? []).Select(m => Name(m, full)))),
        new("LocalVolumes", "LOCAL VOLUMES", c => (c.Mounts ?? []).Count(m => m.Driver == "local").ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("Networks", "NETWORKS", c => string.Join(',', c.NetworkSettings?.Networks?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())),
    ]);

    private static string Image(ContainerSummary c, bool full)
    {
        if (c.Image.Length == 0) return "<no image>";
        if (full) return c.Image;
        // The image's name now belongs to another one: the engine then gives the id.
        if (c.Image.StartsWith("sha256:", StringComparison.Ordinal)) return Texts.ShortId(c.Image);
        return c.Image;
    }

    private static string Size(ContainerSummary c)
    {
        string written = HumanSize.Short(c.SizeRw ?? 0);
        return c.SizeRootFs is > 0 and { } all ? $"{written} (virtual {HumanSize.Short(all)})" : written;
    }

    private static string Name(MountPoint m, bool full)
    {
        string name = m.Name is { Length: > 0 } n ? n : m.Source;
        return full ? name : Texts.Cut(name, 15);
    }
}
