using System.Globalization;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Commands.Volumes;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.Cli.Templates;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Commands.Engine;

/// <summary>system df --verbose: every image, container, volume and cache record with its size, as tables or filled into a template.</summary>
internal static class DiskUsageTables
{
    private const string None = "<none>";

    public static void Write(TextWriter output, DiskUsage usage, Func<string, bool> wants, string format, TimeProvider time)
    {
        var images = (usage.Images ?? []).Select(Line).ToList();
        // What a container shares with its image is counted there.
        var containers = (usage.Containers ?? []).Select(c => c with { SizeRootFs = null }).ToList();
        var volumes = (usage.Volumes ?? []).OrderBy(v => v.Name, StringComparer.Ordinal).ToList();
        // As docker's client: what was not used for longest first.
        var caches = (usage.BuildCache ?? []).OrderBy(c => HumanTime.Parse(c.LastUsedAt)).ThenBy(c => c.ID, StringComparer.Ordinal).ToList();
        if (format is not ("" or "table"))
        {
            string all = $"{{\"Images\":{Array(ImageShape.Create(true, time), images)},\"Containers\":{Array(ContainerShape.Create(true, time), containers)},\"Volumes\":{Array(VolumeVerbs.Shape, volumes)},\"BuildCache\":{Array(CacheShape(true, time), caches)}}}";
            output.Write(format == "json" ? all : Filled(format, all));
            return;
        }
        var tables = new List<Action>();
        if (wants("image")) tables.Add(() => Table(output, "Images space usage:", ImageShape.Create(false, time), images, "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}"));
        if (wants("container")) tables.Add(() => Table(output, "Containers space usage:", ContainerShape.Create(false, time), containers, "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}"));
        if (wants("volume")) tables.Add(() => Table(output, "Local Volumes space usage:", VolumeVerbs.Shape, volumes, "{{.Name}}\t{{.Links}}\t{{.Size}}"));
        if (wants("build-cache")) tables.Add(() => Table(output, $"Build cache usage: {HumanSize.Decimal(caches.Where(c => !c.Shared).Sum(c => c.Size))}", CacheShape(false, time), caches, "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}"));
        for (int i = 0; i < tables.Count; i++)
        {
            if (i > 0) output.Write('\n');
            tables[i]();
        }
    }

    /// <summary>An image once, under its first name.</summary>
    private static ImageLine Line(DockerApi.Images.ImageSummary image)
    {
        string? name = image.RepoTags?.FirstOrDefault(t => t != "<none>:<none>");
        if (name is not null && ImageName.Split(name) is var (repository, tag)) return new ImageLine(image, repository, tag ?? None, "");
        string? digest = image.RepoDigests?.FirstOrDefault(d => d != "<none>@<none>");
        return new ImageLine(image, digest is null ? None : ImageName.Split(digest).Repository, None, "");
    }

    private static string Filled(string format, string json)
    {
        var template = ListFormat.Parse(format);
        using var all = JsonDocument.Parse(json);
        try
        {
            return template.Fill(all.RootElement);
        }
        catch (TemplateException e)
        {
            throw new CommandException("template parsing error: " + e.Message, 1, e);
        }
    }

    private static void Table<T>(TextWriter output, string title, RowShape<T> shape, IEnumerable<T> items, string columns)
    {
        output.Write($"{title}\n\n");
        ListFormat.Write(output, "", shape, items, columns);
    }

    private static string Array<T>(RowShape<T> shape, IEnumerable<T> items)
    {
        var text = new StringBuilder("[");
        text.AppendJoin(',', items.Select(i => shape.Row(i).ToJson()));
        return text.Append(']').ToString();
    }

    // One line for each rule; an engine that does not say has none.
    private static string Instant(string? text) => HumanTime.Parse(text) is { } at ? HumanTime.Stamp(at, TimeZoneInfo.Utc) : "";

    private static RowShape<BuildCacheRecord> CacheShape(bool full, TimeProvider time) => new("build cache record",
    [
        new("ID", "CACHE ID", c => (full ? c.ID : Texts.ShortId(c.ID)) + (c.InUse ? "*" : "")),
        new("Parent", "PARENT", c => string.Join(", ", (c.Parents ?? []).Select(p => full ? p : Texts.ShortId(p)))),
        new("CacheType", "CACHE TYPE", c => c.Type),
        new("Description", "DESCRIPTION", c => c.Description),
        new("InUse", "IN USE", c => c.InUse ? "true" : "false"),
        new("Size", "SIZE", c => HumanSize.Short(c.Size)),
        new("CreatedAt", "CREATED AT", c => Instant(c.CreatedAt)),
        new("CreatedSince", "CREATED", c => HumanTime.Parse(c.CreatedAt) is { } at ? HumanTime.Ago(at, time) : ""),
        new("LastUsedAt", "LAST USED AT", c => Instant(c.LastUsedAt)),
        new("LastUsedSince", "LAST USED", c => HumanTime.Parse(c.LastUsedAt) is { } at ? HumanTime.Ago(at, time) : ""),
        new("UsageCount", "USAGE", c => c.UsageCount.ToString(CultureInfo.InvariantCulture)),
        new("Shared", "SHARED", c => c.Shared ? "true" : "false"),
    ]);
}
