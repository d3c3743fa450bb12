using System.Globalization;
using System.Text;
using Sampan.Build.Parsing;
using Sampan.Oci.Images;
using Sampan.Storage.Images.Changes;

namespace Sampan.Build.Execution;

/// <summary>Instructions that change only what an image says. Pure.</summary>
internal static class StateChanges
{
    /// <summary>The state after an instruction.</summary>
    /// <param name="state">Before.</param>
    /// <param name="instruction">One that makes no files.</param>
    /// <param name="expand">Puts variables in.</param>
    internal static StageState Apply(StageState state, Instruction instruction, Func<string, SourcePlace, string> expand)
    {
        var config = state.Config;
        var place = instruction.Place;
        var (changed, history) = instruction switch
        {
            Instruction.Env env => Env(config, [.. env.Pairs.Select(pair => new KeyValuePair<string, string>(expand(pair.Key, place), expand(pair.Value, place)))]),
            Instruction.Label label => Label(config, [.. label.Pairs.Select(pair => new KeyValuePair<string, string>(expand(pair.Key, place), expand(pair.Value, place)))]),
            // A CMD of the base was written for its entry point.
            Instruction.Entrypoint entrypoint => (config with { Entrypoint = Words(entrypoint.Command, config), Cmd = state.IsCmdSet ? config.Cmd : null }, $"ENTRYPOINT {Quoted(Words(entrypoint.Command, config))}"),
            Instruction.Cmd cmd => (config with { Cmd = Words(cmd.Command, config) }, $"CMD {Quoted(Words(cmd.Command, config))}"),
            Instruction.Expose expose => Expose(config, expose, [.. expose.Ports.SelectMany(port => expand(port, place).Split(' ', StringSplitOptions.RemoveEmptyEntries))]),
            Instruction.Volume volume => Volume(config, [.. volume.Paths.Select(path => expand(path, place))]),
            Instruction.User user => User(config, expand(user.Name, place), place),
            Instruction.StopSignal signal => StopSignal(config, expand(signal.Signal, place), place),
            Instruction.Shell shell => (config with { Shell = shell.Words }, $"SHELL {Listed(shell.Words)}"),
            Instruction.OnBuild onBuild => (config with { OnBuild = [.. config.OnBuild, onBuild.Trigger] }, $"ONBUILD {onBuild.Trigger}"),
            Instruction.Healthcheck health => (Health(config, health), ""),
            Instruction.Maintainer maintainer => (config, $"MAINTAINER {maintainer.Name}"),
            _ => throw new DockerfileException($"{instruction.Text} is not possible here", place),
        };
        // Docker's is what its program prints of the parsed definition.
        history = instruction is Instruction.Healthcheck ? $"HEALTHCHECK {Shown(changed.Healthcheck ?? new HealthProbe())}" : history;
        return state with
        {
            Config = changed,
            Author = instruction is Instruction.Maintainer by ? expand(by.Name, place) : state.Author,
            IsCmdSet = state.IsCmdSet || instruction is Instruction.Cmd,
            History = [.. state.History, new HistoryEntry { CreatedBy = history, EmptyLayer = true }],
        };
    }

    private static (ImageDefaults, string) Env(ImageDefaults config, List<KeyValuePair<string, string>> pairs)
    {
        var env = config.Env.ToList();
        foreach (var (name, value) in pairs)
        {
            var at = env.FindIndex(line => line.StartsWith(name + "=", StringComparison.Ordinal));
            if (at < 0)
                env.Add($"{name}={value}");
            else
                env[at] = $"{name}={value}";
        }
        return (config with { Env = env }, $"ENV {string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))}");
    }

    private static (ImageDefaults, string) Label(ImageDefaults config, List<KeyValuePair<string, string>> pairs)
    {
        var labels = new Dictionary<string, string>(config.Labels, StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
            labels[name] = value;
        return (config with { Labels = labels }, $"LABEL {string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))}");
    }

    private static (ImageDefaults, string) Expose(ImageDefaults config, Instruction.Expose instruction, IReadOnlyList<string> ports)
    {
        try
        {
            return ports.Count == 0 ? (config, "EXPOSE") : (ImageChanges.Apply(config, [$"EXPOSE {string.Join(' ', ports)}"]), $"EXPOSE map[{string.Join(' ', ImageChanges.Apply(new ImageDefaults(), [$"EXPOSE {string.Join(' ', ports)}"]).ExposedPorts.Order(StringComparer.Ordinal).Select(port => $"{port}:{{}}"))}]");
        }
        catch (Storage.StorageException wrong)
        {
            throw new DockerfileException(wrong.Message, instruction.Place, wrong);
        }
    }

    private static (ImageDefaults, string) Volume(ImageDefaults config, IReadOnlyList<string> paths) =>
        (config with { Volumes = [.. config.Volumes.Union(paths)] }, $"VOLUME {Listed(paths)}");

    private static (ImageDefaults, string) User(ImageDefaults config, string name, SourcePlace place) => name.Length == 0
        ? throw new DockerfileException("USER requires exactly one argument", place)
        : (config with { User = name }, $"USER {name}");

    private static (ImageDefaults, string) StopSignal(ImageDefaults config, string signal, SourcePlace place) => Engine.Images.StepOperations.IsSignal(signal)
        ? (config with { StopSignal = signal }, $"STOPSIGNAL {signal}")
        : throw new DockerfileException($"Invalid signal: {signal}", place);

    private static ImageDefaults Health(ImageDefaults config, Instruction.Healthcheck health)
    {
        try
        {
            return ImageChanges.Apply(config, [$"HEALTHCHECK {health.Definition}"]);
        }
        catch (Storage.StorageException wrong)
        {
            throw new DockerfileException(wrong.Message, health.Place, wrong);
        }
    }

    private static IReadOnlyList<string> Words(CommandWords command, ImageDefaults config) => command.Words.Count == 0 ? [] : command.With(config.Shell);

    private static string Listed(IReadOnlyList<string> words) => $"[{string.Join(' ', words)}]";

    private static string Shown(HealthProbe probe)
    {
        var times = new[] { probe.Interval, probe.Timeout, probe.StartPeriod, probe.StartInterval }.Select(time => $"\"{Span(time ?? 0)}\"");
        var retries = probe.Retries ?? 0;
        var character = retries is >= 0x20 and < 0x7f ? ((char)retries).ToString() : retries < 0x100 ? $"\\x{retries:x2}" : $"\\u{retries:x4}";
        return $"&{{{Quoted(probe.Test)} {string.Join(' ', times)} '{character}'}}";
    }

    // As Go writes a span: 1h0m0s, 1m30s, 1.5s, 500ms.
    private static string Span(long nanoseconds)
    {
        if (nanoseconds is > 0 and < 1_000_000_000)
        {
            var (unit, name) = nanoseconds < 1000 ? (1m, "ns") : nanoseconds < 1_000_000 ? (1000m, "µs") : (1_000_000m, "ms");
            return string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / unit:0.######}{name}");
        }
        var seconds = nanoseconds / 1_000_000_000m;
        var (hours, minutes) = ((long)(seconds / 3600), (long)(seconds / 60) % 60);
        return string.Create(CultureInfo.InvariantCulture, $"{(hours > 0 ? $"{hours}h" : "")}{(hours > 0 || minutes > 0 ? $"{minutes}m" : "")}{seconds % 60:0.#########}s");
    }

    /// <summary>Words as Docker's history has them.</summary>
    internal static string Quoted(IReadOnlyList<string> words)
    {
        var text = new StringBuilder("[");
        foreach (var word in words)
            text.Append(text.Length > 1 ? " " : "").Append('"').Append(word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)).Append('"');
        return text.Append(']').ToString();
    }
}
