using System.Text.Json;

namespace Sampan.Cli.Hosts;

/// <summary>
/// The client's settings: config.json in the directory of --config, DOCKER_CONFIG or ~/.docker, docker's own file. Read are
/// detachKeys, HttpHeaders and the formats of lists (psFormat, imagesFormat, networksFormat, volumesFormat, statsFormat).
/// Docker's contexts are not: the engine is found by --host, SAMPAN_HOST, DOCKER_HOST and the default alone.
/// </summary>
internal sealed record ClientSettings
{
    private const int MaxBytes = 1 << 20;

    public static readonly ClientSettings None = new();

    /// <summary>Keys that leave a container running; empty: the usual ones.</summary>
    public string DetachKeys { get; init; } = "";

    /// <summary>Templates of lists by their key, such as psFormat.</summary>
    public IReadOnlyDictionary<string, string> Formats { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Headers that go with every request.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Where the settings are; null: there is no home directory.</summary>
    public static string? Directory(string given, Func<string, string?> environment) =>
        given.Length > 0 ? given
        : environment("DOCKER_CONFIG") is { Length: > 0 } named ? named
        : environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".docker")
        : null;

    /// <summary>Reads the settings; a file that isn't there has none, one that can't be understood is reported and has none.</summary>
    public static ClientSettings Read(string? directory, Action<string> warn)
    {
        if (directory is null) return None;
        string file = Path.Combine(directory, "config.json");
        if (!File.Exists(file)) return None;
        try
        {
            return Parse(Bounded(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            warn($"WARNING: Error loading config file: {file}: {e.Message}");
            return None;
        }
    }

    /// <summary>Reads the text of a config.json; <see cref="JsonException"/> and <see cref="FormatException"/> say what is wrong.</summary>
    public static ClientSettings Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException("it is no JSON object");
        var formats = new Dictionary<string, string>(StringComparer.Ordinal);
        var headers = new List<(string, string)>();
        string keys = "";
        foreach (var setting in document.RootElement.EnumerateObject())
        {
            if (setting.NameEquals("detachKeys")) keys = Text(setting);
            else if (setting.Name.EndsWith("Format", StringComparison.Ordinal)) formats[setting.Name] = Text(setting);
            else if (setting.NameEquals("HttpHeaders") && setting.Value.ValueKind != JsonValueKind.Null)
            {
                if (setting.Value.ValueKind != JsonValueKind.Object) throw new FormatException("HttpHeaders is no JSON object");
                foreach (var header in setting.Value.EnumerateObject())
                    // Docker leaves this one out, too: it names the client.
                    if (!header.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)) headers.Add(Header(header.Name, Text(header)));
            }
        }
        return new ClientSettings { DetachKeys = keys, Formats = formats, Headers = headers };
    }

    private static byte[] Bounded(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
        return stream.Length <= MaxBytes ? File.ReadAllBytes(file) : throw new FormatException($"it is longer than {MaxBytes} bytes");
    }

    private static string Text(JsonProperty setting) =>
        setting.Value.ValueKind == JsonValueKind.String ? setting.Value.GetString() ?? "" : throw new FormatException($"{setting.Name} is no text");

    /// <summary>A header that stays one: no line end in it, no name that has another meaning for the connection.</summary>
    private static (string, string) Header(string name, string value) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && value.All(c => c is >= ' ' and < (char)127)
            && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
            && !name.Equals("Host", StringComparison.OrdinalIgnoreCase) && !name.Equals("Connection", StringComparison.OrdinalIgnoreCase) && !name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase)
            ? (name, value)
            : throw new FormatException($"the header '{name}' of HttpHeaders can't be sent");
}
