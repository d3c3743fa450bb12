using System.Text;
using System.Text.Json;
using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Changes;

/// <summary>
/// Changes of an image's configuration in the words of a Dockerfile, as <c>docker import --change</c> and <c>commit --change</c> take them:
/// CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR.
/// </summary>
public static class ImageChanges
{
    /// <summary>Applies the instructions in their order.</summary>
    /// <param name="defaults">The configuration so far.</param>
    /// <param name="instructions">One instruction each.</param>
    /// <exception cref="StorageException">InvalidInput: an instruction is malformed or not among those that can be changed.</exception>
    public static ImageDefaults Apply(ImageDefaults defaults, IEnumerable<string> instructions)
    {
        foreach (var instruction in instructions)
            defaults = Apply(defaults, instruction.Trim());
        return defaults;
    }

    private static ImageDefaults Apply(ImageDefaults image, string instruction)
    {
        var space = instruction.IndexOfAny([' ', '\t']);
        var verb = (space < 0 ? instruction : instruction[..space]).ToUpperInvariant();
        var rest = space < 0 ? "" : instruction[space..].Trim();
        if (rest.Length == 0)
            throw Invalid(instruction, $"{verb} requires at least one argument");
        return verb switch
        {
            "CMD" => image with { Cmd = Command(rest) },
            "ENTRYPOINT" => image with { Entrypoint = Command(rest) },
            "ENV" => image with { Env = Pairs(instruction, rest).Aggregate(image.Env, SetVariable) },
            "EXPOSE" => image with { ExposedPorts = [.. image.ExposedPorts.Union(Words(instruction, rest).SelectMany(word => Ports(instruction, word)))] },
            "HEALTHCHECK" => image with { Healthcheck = HealthChange.Parse(instruction, rest) },
            "LABEL" => image with { Labels = SetLabels(image.Labels, Pairs(instruction, rest)) },
            "ONBUILD" => image with { OnBuild = [.. image.OnBuild, rest] },
            "STOPSIGNAL" => image with { StopSignal = rest },
            "USER" => image with { User = rest },
            "VOLUME" => image with { Volumes = [.. image.Volumes.Union(JsonWords(rest) ?? Words(instruction, rest))] },
            "WORKDIR" => image with { WorkingDir = Path.GetFullPath(rest, image.WorkingDir is { Length: > 0 } now ? now : "/") },
            _ => throw Invalid(instruction, $"{verb} is not a valid change command"),
        };
    }

    private static IReadOnlyList<string> Command(string text) => JsonWords(text) ?? ["/bin/sh", "-c", text];

    internal static List<string>? JsonWords(string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String)
                ? [.. document.RootElement.EnumerateArray().Select(word => word.GetString() ?? "")]
                : null;
        }
        catch (JsonException)
        {
            // Docker takes what is no JSON for a shell command.
            return null;
        }
    }

    // NAME=value NAME="a value" …, or the old form: NAME and the rest of the line.
    private static List<(string Name, string Value)> Pairs(string instruction, string rest)
    {
        var words = Words(instruction, rest);
        if (!words[0].Contains('='))
        {
            var space = rest.IndexOfAny([' ', '\t']);
            return space < 0 ? throw Invalid(instruction, "want NAME=value") : [(rest[..space], rest[space..].Trim())];
        }
        return [.. words.Select(word => word.IndexOf('=') is > 0 and var at ? (word[..at], word[(at + 1)..]) : throw Invalid(instruction, "want NAME=value"))];
    }

    // Blanks separate, quotes and backslashes hold together.
    private static List<string> Words(string instruction, string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        var inWord = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
                inWord = true;
            }
            else if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                quote = quote == '\0' ? c : '\0';
                inWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (quote != '\0')
            throw Invalid(instruction, "a quote is not closed");
        if (inWord)
            words.Add(word.ToString());
        return words;
    }

    private static IReadOnlyList<string> SetVariable(IReadOnlyList<string> env, (string Name, string Value) variable)
    {
        var set = $"{variable.Name}={variable.Value}";
        var known = env.Any(line => line.StartsWith(variable.Name + "=", StringComparison.Ordinal));
        return known
            ? [.. env.Select(line => line.StartsWith(variable.Name + "=", StringComparison.Ordinal) ? set : line)]
            : [.. env, set];
    }

    private static Dictionary<string, string> SetLabels(IReadOnlyDictionary<string, string> labels, List<(string Name, string Value)> pairs)
    {
        var result = new Dictionary<string, string>(labels, StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
            result[name] = value;
        return result;
    }

    // 80, 80/udp, 8000-8010/tcp.
    private static IEnumerable<string> Ports(string instruction, string word)
    {
        var slash = word.IndexOf('/');
        var numbers = slash < 0 ? word : word[..slash];
        var protocol = slash < 0 ? "tcp" : word[(slash + 1)..].ToLowerInvariant();
        var dash = numbers.IndexOf('-');
        var isRange = ushort.TryParse(dash < 0 ? numbers : numbers[..dash], System.Globalization.NumberStyles.None, null, out var first)
            & ushort.TryParse(dash < 0 ? numbers : numbers[(dash + 1)..], System.Globalization.NumberStyles.None, null, out var last);
        if (!isRange || first == 0 || last < first || protocol is not ("tcp" or "udp" or "sctp"))
            throw Invalid(instruction, $"invalid port '{word}'");
        return Enumerable.Range(first, last - first + 1).Select(port => $"{port}/{protocol}");
    }

    internal static StorageException Invalid(string instruction, string why) => new(StorageError.InvalidInput, $"invalid change '{instruction}': {why}");
}
