using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sampand.Configuration;

namespace Sampand.Registry;

/// <summary>The registry's configuration file: JSON. Every problem is told at once; what is not known is refused by name.</summary>
internal sealed partial class RegistryConfigurationFile
{
    private readonly string _path;
    private readonly List<string> _problems = [];

    private RegistryConfigurationFile(string path) => _path = path;

    /// <summary>Reads the file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, is no JSON, or has settings that are unknown or wrong.</exception>
    internal static RegistryConfiguration Read(string path) => ConfigurationDocument.Read(path, new RegistryConfigurationFile(path).Read);

    /// <summary>Reads <c>30s</c>, <c>10m</c>, <c>2h</c> or <c>7d</c>.</summary>
    internal static bool TryParseSpan(string text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        double seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => -1 };
        span = TimeSpan.FromSeconds(Math.Max(0, seconds) * count);
        return seconds > 0 && span <= TimeSpan.FromDays(3650);
    }

    private RegistryConfiguration Read(JsonElement root)
    {
        var configuration = new RegistryConfiguration();
        foreach (var (key, value) in Members(root, ""))
        {
            configuration = key switch
            {
                "listen" => configuration with { Listen = Addresses(value) },
                "root" => configuration with { Root = Path(value, key) },
                "users" => configuration with { UsersFile = Path(value, key) },
                "realm" => configuration with { Realm = Text(value, key) },
                "read-only" => configuration with { IsReadOnly = Switch(value, key) },
                "delete" => configuration with { AllowsDeletes = Switch(value, key) },
                "log-level" => configuration with { LogLevel = Level(value) },
                "tls" => Tls(configuration, value),
                "limits" => Limits(configuration, value),
                "gc" => Collection(configuration, value),
                "mirrors" => configuration with { Mirrors = ReadMirrors(value) },
                _ => Unknown(configuration, key),
            };
        }
        if (_problems.Count > 0)
            throw new ConfigurationException($"configuration file '{_path}': {string.Join("; ", _problems)}");
        return configuration;
    }

    private RegistryConfiguration Tls(RegistryConfiguration configuration, JsonElement element)
    {
        foreach (var (key, value) in Members(element, "tls"))
        {
            configuration = key switch
            {
                "certificate" => configuration with { CertificateFile = Path(value, "tls.certificate") },
                "key" => configuration with { KeyFile = Path(value, "tls.key") },
                _ => Unknown(configuration, $"tls.{key}"),
            };
        }
        if (configuration.CertificateFile is null)
            _problems.Add("'tls' needs a 'certificate'");
        return configuration;
    }

    private RegistryConfiguration Limits(RegistryConfiguration configuration, JsonElement element)
    {
        foreach (var (key, value) in Members(element, "limits"))
        {
            var name = $"limits.{key}";
            configuration = key switch
            {
                "manifest-bytes" => configuration with { Store = configuration.Store with { ManifestMaxBytes = (int)Number(value, name, 1024, 256 * 1024 * 1024) } },
                "blob-bytes" => configuration with { Store = configuration.Store with { BlobMaxBytes = Number(value, name, 1024, long.MaxValue) } },
                "uploads" => configuration with { Store = configuration.Store with { MaxUploads = (int)Number(value, name, 1, 1_000_000) } },
                "upload-expiry" => configuration with { Store = configuration.Store with { UploadExpiry = Span(value, name) } },
                "requests" => configuration with { MaxRequests = (int)Number(value, name, 1, 1_000_000) },
                "connections" => configuration with { MaxConnections = (int)Number(value, name, 1, 1_000_000) },
                _ => Unknown(configuration, name),
            };
        }
        return configuration;
    }

    private RegistryConfiguration Collection(RegistryConfiguration configuration, JsonElement element)
    {
        foreach (var (key, value) in Members(element, "gc"))
        {
            configuration = key switch
            {
                "interval" => configuration with { CollectionInterval = Interval(value, "gc.interval") },
                "grace" => configuration with { Store = configuration.Store with { CollectionGrace = Span(value, "gc.grace") } },
                "untagged" => configuration with { Store = configuration.Store with { CollectUntagged = Switch(value, "gc.untagged") } },
                _ => Unknown(configuration, $"gc.{key}"),
            };
        }
        return configuration;
    }

    private IEnumerable<(string Key, JsonElement Value)> Members(JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return element.EnumerateObject().Select(member => (member.Name, member.Value));
        _problems.Add(name.Length == 0 ? "want one JSON object" : $"invalid value of '{name}': want an object");
        return [];
    }

    private T Unknown<T>(T unchanged, string key)
    {
        _problems.Add($"unknown setting '{key}'");
        return unchanged;
    }

    private T Wrong<T>(string key, string expected, T instead)
    {
        _problems.Add($"invalid value of '{key}': want {expected}");
        return instead;
    }

    private string Text(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : Wrong(key, "a text", "");

    private string Path(JsonElement value, string key) =>
        Text(value, key) is { Length: > 0 } text ? System.IO.Path.GetFullPath(text) : "";

    private bool Switch(JsonElement value, string key) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Wrong(key, "true or false", false);

    private long Number(JsonElement value, string key, long least, long most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most ? number : Wrong(key, $"a number from {least} to {most}", least);

    private TimeSpan Span(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.String && TryParseSpan(value.GetString() ?? "", out var span) ? span : Wrong(key, "a span of time such as \"30s\", \"10m\", \"2h\" or \"7d\"", TimeSpan.FromHours(1));

    private TimeSpan Interval(JsonElement value, string key) =>
        Span(value, key) is var span && span > TimeSpan.Zero ? span : Wrong(key, "more than nothing", TimeSpan.FromHours(1));

    private LogLevel Level(JsonElement value) => Text(value, "log-level") switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => Wrong("log-level", "debug, info, warn or error", LogLevel.Information),
    };

    private IReadOnlyList<IPEndPoint> Addresses(JsonElement value)
    {
        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        var addresses = new List<IPEndPoint>();
        foreach (var text in texts)
        {
            if (text.ValueKind == JsonValueKind.String && RegistryConfiguration.TryParseAddress(text.GetString() ?? "", out var address))
                addresses.Add(address);
            else
                Wrong("listen", "ADDRESS:PORT, or a list of such", 0);
        }
        return addresses;
    }
}
