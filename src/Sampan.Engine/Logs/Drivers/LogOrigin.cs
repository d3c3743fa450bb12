using System.Text.RegularExpressions;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>Where a log comes from: what a driver tells of the container with each entry.</summary>
internal sealed record LogOrigin
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Without a leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>The image's id, <c>sha256:…</c>.</summary>
    public required string ImageId { get; init; }

    /// <summary>The image as the user named it.</summary>
    public required string ImageName { get; init; }

    /// <summary>Program and arguments, joined by spaces.</summary>
    public required string Command { get; init; }

    /// <summary>The host's name.</summary>
    public required string Hostname { get; init; }

    /// <summary>When the container was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>All labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Labels and variables that the options <c>labels</c>, <c>labels-regex</c>, <c>env</c> and <c>env-regex</c> choose.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>The option <c>tag</c>, expanded.</summary>
    public string Tag { get; init; } = "";

    /// <summary>A container's.</summary>
    /// <exception cref="FormatException">The tag is wrong.</exception>
    public static LogOrigin Of(ContainerSnapshot container)
    {
        var options = container.Spec.Log.Options;
        var origin = new LogOrigin
        {
            Id = container.Id,
            Name = container.Name,
            ImageId = container.ImageId,
            ImageName = container.Spec.Image,
            Command = string.Join(' ', container.Argv),
            Hostname = Environment.MachineName,
            Created = container.Created,
            Labels = container.Spec.Labels,
            Attributes = Chosen(container.Spec, options),
        };
        return origin with { Tag = LogTag.Expand(options.GetValueOrDefault("tag") is { Length: > 0 } tag ? tag : LogTag.Default, origin) };
    }

    private static Dictionary<string, string> Chosen(ContainerSpec spec, IReadOnlyDictionary<string, string> options)
    {
        var chosen = new Dictionary<string, string>(StringComparer.Ordinal);
        var variables = spec.Env.Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        Choose(chosen, spec.Labels, options.GetValueOrDefault("labels"), options.GetValueOrDefault("labels-regex"));
        Choose(chosen, variables, options.GetValueOrDefault("env"), options.GetValueOrDefault("env-regex"));
        return chosen;
    }

    private static void Choose(Dictionary<string, string> chosen, IReadOnlyDictionary<string, string> from, string? names, string? pattern)
    {
        foreach (var name in (names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (from.TryGetValue(name, out var value))
                chosen[name] = value;
        }

        if (string.IsNullOrEmpty(pattern))
            return;
        // The pattern is the user's own and runs over the user's own names; a limit all the same, and no backtracking.
        var regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        foreach (var (name, value) in from)
        {
            if (regex.IsMatch(name))
                chosen[name] = value;
        }
    }
}
