using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>Every logging driver there is, its options, and what is wrong with them.</summary>
public static class LogDrivers
{
    internal const string JsonFile = "json-file";
    internal const string None = "none";

    private static readonly string[] Attributes = ["labels", "labels-regex", "env", "env-regex", "tag"];
    private static readonly string[] Mode = ["mode", "max-buffer-size"];
    private static readonly string[] Files = ["max-size", "max-file", "compress"];
    private static readonly string[] Cache = ["cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"];

    private static readonly FrozenDictionary<string, FrozenSet<string>> Options = new Dictionary<string, FrozenSet<string>>
    {
        [JsonFile] = Known(Files, Mode, Attributes),
        ["local"] = Known(Files, Mode),
        [None] = Known(),
        ["journald"] = Known(Mode, Attributes, Cache),
        ["syslog"] = Known(Mode, Attributes, Cache, ["syslog-address", "syslog-facility", "syslog-format", "syslog-tls-ca-cert", "syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify"]),
        ["gelf"] = Known(Mode, Attributes, Cache, ["gelf-address", "gelf-compression-type", "gelf-compression-level", "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"]),
        ["fluentd"] = Known(Mode, Attributes, Cache, ["fluentd-address", "fluentd-async", "fluentd-async-connect", "fluentd-async-reconnect-interval", "fluentd-buffer-limit", "fluentd-max-retries", "fluentd-read-timeout", "fluentd-request-ack", "fluentd-retry-wait", "fluentd-sub-second-precision", "fluentd-write-timeout"]),
    }.ToFrozenDictionary();

    /// <summary>Their names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Options.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A wish's driver; json-file when it says none.</summary>
    internal static string NameOf(LogWish log) => string.IsNullOrEmpty(log.Driver) ? JsonFile : log.Driver;

    /// <summary>Whether entries go elsewhere, and the file is only what they are sent from.</summary>
    internal static bool IsRemote(string driver) => driver is "journald" or "syslog" or "gelf" or "fluentd";

    /// <summary>Whether <c>logs</c> can show them.</summary>
    internal static bool CanBeRead(LogWish log) => NameOf(log) != None && !Says(log.Options, "cache-disabled");

    /// <summary>Whether options turn a switch on; those that do not name it turn it off.</summary>
    internal static bool Says(IReadOnlyDictionary<string, string> options, string name) => options.TryGetValue(name, out var value) && TrySwitch(value, out var on) && on;

    /// <summary>The wish with the daemon's driver, and its options where the driver is that one, as in Docker.</summary>
    internal static LogWish Merge(LogWish wish, string? usualDriver, IReadOnlyDictionary<string, string> usualOptions)
    {
        var usual = new LogWish { Driver = usualDriver };
        var driver = string.IsNullOrEmpty(wish.Driver) ? usualDriver : wish.Driver;
        if (usualOptions.Count == 0 || NameOf(new LogWish { Driver = driver }) != NameOf(usual))
            return wish with { Driver = driver };
        var options = new Dictionary<string, string>(usualOptions);
        foreach (var (name, value) in wish.Options)
            options[name] = value;
        return wish with { Driver = driver, Options = options };
    }

    /// <summary>What is wrong with a wish.</summary>
    public static IEnumerable<string> Problems(LogWish log)
    {
        var driver = NameOf(log);
        if (!Options.TryGetValue(driver, out var known))
        {
            yield return $"logger: no log driver named '{driver}' is registered: use {string.Join(", ", Names)}";
            yield break;
        }

        var wrong = false;
        foreach (var (name, value) in log.Options)
        {
            var problem = known.Contains(name) ? Problem(name, value, log) : $"unknown log opt '{name}' for {driver} log driver";
            if (problem is null)
                continue;
            wrong = true;
            yield return problem;
        }

        // What it asks for could not come about: as in Docker, no option is passed over.
        if (!wrong && (Says(log.Options, "compress") || Says(log.Options, "cache-compress")) && LogPlan.From(log) is { MaxFiles: < 2 } or { MaxBytes: 0 })
            yield return "compress cannot be true when max-file is less than 2 or max-size is not set";
        if (driver == "journald" && !File.Exists(JournaldTarget.Socket))
            yield return $"journald is not enabled on this host: '{JournaldTarget.Socket}' is missing";
        if (!wrong && Try(log) is { } failure)
            yield return failure;
    }

    /// <summary>Makes the connection of a remote driver; nothing is connected yet.</summary>
    /// <exception cref="FormatException">An option is wrong.</exception>
    internal static ILogTarget Open(string driver, LogOrigin origin, IReadOnlyDictionary<string, string> options) => driver switch
    {
        "syslog" => SyslogTarget.From(origin, options),
        "gelf" => GelfTarget.From(origin, options),
        "fluentd" => FluentdTarget.From(origin, options),
        _ => new JournaldTarget(origin, JournaldTarget.Socket),
    };

    /// <summary>What a json-file log has with each entry, as JSON; null: nothing is asked for.</summary>
    internal static string? AttributesOf(ContainerSnapshot container)
    {
        if (NameOf(container.Spec.Log) != JsonFile || !container.Spec.Log.Options.Keys.Any(Attributes.Contains))
            return null;
        var origin = LogOrigin.Of(container);
        var json = new JsonObject(origin.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => KeyValuePair.Create(a.Key, (JsonNode?)JsonValue.Create(a.Value))));
        if (container.Spec.Log.Options.ContainsKey("tag"))
            json["tag"] = JsonValue.Create(origin.Tag);
        return json.Count == 0 ? null : json.ToJsonString();
    }

    private static FrozenSet<string> Known(params string[][] groups) => groups.SelectMany(g => g).ToFrozenSet();

    // Every spelling that Go reads.
    private static bool TrySwitch(string text, out bool on)
    {
        on = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return on || text is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }

    private static string? Problem(string name, string value, LogWish log) => name switch
    {
        "max-size" or "cache-max-size" or "max-buffer-size" or "fluentd-buffer-limit" when !LogPlan.TrySize(value, out _) => $"invalid value '{value}' for {name}",
        "max-file" or "cache-max-file" when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var files) || files < 1 => $"{name} cannot be less than 1",
        "compress" or "cache-compress" or "cache-disabled" or "fluentd-async" or "fluentd-async-connect" or "fluentd-sub-second-precision" or "fluentd-request-ack" or "syslog-tls-skip-verify" when !TrySwitch(value, out _) => $"invalid value '{value}' for {name}",
        "mode" when value is not ("blocking" or "non-blocking") => $"logger: logging mode not supported: {value}",
        "max-buffer-size" when log.Options.GetValueOrDefault("mode") != "non-blocking" => "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
        "labels-regex" or "env-regex" => Try(() => _ = new Regex(value, RegexOptions.NonBacktracking)) is { } wrong ? $"invalid value '{value}' for {name}: {wrong}" : null,
        _ => null,
    };

    // Addresses, formats and the tag are read as they will be when the container runs.
    private static string? Try(LogWish log)
    {
        var origin = new LogOrigin { Id = "0", Name = "", ImageId = "", ImageName = "", Command = "", Hostname = "", Created = default, Labels = new Dictionary<string, string>() };
        return Try(() =>
        {
            if (log.Options.TryGetValue("tag", out var tag))
                LogTag.Expand(tag, origin);
            LogRetry.From(log);
            if (IsRemote(NameOf(log)))
                Open(NameOf(log), origin, log.Options);
            if (NameOf(log) == "syslog")
                SyslogTarget.Tls(log.Options)?.Check();
        });
    }

    private static string? Try(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or NotSupportedException)
        {
            return wrong.Message;
        }
    }
}
