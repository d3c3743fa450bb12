using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Commands.Engine;

/// <summary>The filters of system df: kinds of data (type=…) and, where single things are listed, their labels (label=…, label!=…).</summary>
internal sealed class DiskUsageFilter
{
    private static readonly string[] s_types = ["image", "container", "volume", "build-cache"];

    private readonly List<string> _types = [];
    private readonly List<string> _labels = [];
    private readonly List<string> _without = [];

    /// <summary>Reads them.</summary>
    /// <param name="given">Each as name=value.</param>
    /// <param name="lists">Whether single things are listed; only those have labels.</param>
    public static DiskUsageFilter Read(IReadOnlyList<string> given, bool lists)
    {
        var filter = new DiskUsageFilter();
        foreach (string text in given.Where(t => t.Length > 0))
        {
            int equals = text.IndexOf('=');
            string name = text[..equals].Trim().ToLowerInvariant();
            string value = text[(equals + 1)..].Trim();
            var values = name switch
            {
                "type" when !s_types.Contains(value, StringComparer.Ordinal) => throw new CommandException($"invalid filter 'type={value}': expected {string.Join(", ", s_types)}"),
                "type" => filter._types,
                "label" or "label!" when !lists => throw new CommandException($"the filter '{name}' needs --verbose: only single images, containers and volumes have labels"),
                "label" => filter._labels,
                "label!" => filter._without,
                _ => throw new CommandException($"invalid filter '{name}': expected type, label or label!"),
            };
            values.Add(value);
        }
        return filter;
    }

    /// <summary>Whether a kind is wanted; several are alternatives.</summary>
    public bool Wants(string type) => _types.Count == 0 || _types.Contains(type, StringComparer.Ordinal);

    /// <summary>Only what is wanted of the lists.</summary>
    public DiskUsage Narrow(DiskUsage usage) => usage with
    {
        Images = Wants("image") ? [.. (usage.Images ?? []).Where(i => Fits(i.Labels))] : [],
        Containers = Wants("container") ? [.. (usage.Containers ?? []).Where(c => Fits(c.Labels))] : [],
        Volumes = Wants("volume") ? [.. (usage.Volumes ?? []).Where(v => Fits(v.Labels))] : [],
        BuildCache = Wants("build-cache") && _labels.Count == 0 ? usage.BuildCache : [],
    };

    private bool Fits(IReadOnlyDictionary<string, string>? labels) => _labels.TrueForAll(l => Has(labels, l)) && !_without.Exists(l => Has(labels, l));

    private static bool Has(IReadOnlyDictionary<string, string>? labels, string wanted)
    {
        int equals = wanted.IndexOf('=');
        return labels is not null && labels.TryGetValue(equals < 0 ? wanted : wanted[..equals], out string? value) && (equals < 0 || value == wanted[(equals + 1)..]);
    }
}
