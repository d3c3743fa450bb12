using Sampan.Build.Parsing;
using Sampan.Cli.Commands;
using Sampan.Compose.Model;

namespace Sampan.Cli.Compose;

/// <summary>Which files count for a trigger: not what it ignores, nor what the build ignores, nor what editors and git leave; of the rest, what it includes.</summary>
internal sealed class WatchRules
{
    private static readonly IgnoreRules s_usual = new(["**/.git", "**/*~", "**/.*.sw?", "**/4913", "**/.#*", "**/#*#", "**/.DS_Store", "**/___jb_*___"]);

    private readonly WatchTrigger _trigger;
    private readonly string _base;
    private readonly IgnoreRules _ignored;
    private readonly IgnoreRules? _included;
    private readonly string? _context;
    private readonly IgnoreRules _unbuilt = IgnoreRules.None;

    public WatchRules(Service service, WatchTrigger trigger)
    {
        _trigger = trigger;
        _base = trigger.Path.TrimEnd('/');
        try
        {
            _ignored = new IgnoreRules(trigger.Ignore);
            // Without a slash a pattern means files wherever they are.
            _included = trigger.Include.Count == 0 ? null : new IgnoreRules(trigger.Include.Concat(trigger.Include.Where(i => !i.Contains('/')).Select(i => "**/" + i)));
            _context = service.BuildDirectory?.TrimEnd('/');
            if (_context is not null && Path.Combine(_context, ".dockerignore") is var file && File.Exists(file)) _unbuilt = IgnoreRules.Read(File.ReadAllText(file));
        }
        catch (FormatException e)
        {
            throw new CommandException($"cannot watch '{trigger.Path}' for the service '{service.Name}': {e.Message}");
        }
    }

    /// <summary>The path below the trigger's own, empty for itself; null: the file does not count.</summary>
    public string? Match(string path)
    {
        if (Relative(_base, path) is not { } name) return null;
        if (name.Length > 0 && (s_usual.Excludes(name) || _ignored.Excludes(name))) return null;
        if (_context is not null && Relative(_context, path) is { Length: > 0 } built && _unbuilt.Excludes(built)) return null;
        if (_included is not null && name.Length > 0 && !_included.Excludes(name)) return null;
        return name;
    }

    /// <summary>Where a file goes in containers.</summary>
    public string Target(string name) => name.Length == 0 ? _trigger.Target ?? "/" : $"{(_trigger.Target ?? "").TrimEnd('/')}/{name}";

    private static string? Relative(string directory, string path) =>
        path == directory ? "" : path.StartsWith(directory + "/", StringComparison.Ordinal) ? path[(directory.Length + 1)..] : null;
}
