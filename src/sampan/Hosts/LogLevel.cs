using Sampan.Cli.Commands;

namespace Sampan.Cli.Hosts;

/// <summary>How much the command line tells of its own work: at debug every request to the engine.</summary>
internal static class LogLevel
{
    /// <summary>Whether requests are shown; a word that is no level is refused as docker refuses it.</summary>
    public static bool IsDebug(string level, bool debug) => level.ToLowerInvariant() switch
    {
        "debug" or "trace" => true,
        "info" or "warn" or "warning" or "error" or "fatal" or "panic" => debug,
        _ => throw new CommandException($"unable to parse logging level: {level}: expected debug, info, warn, error or fatal"),
    };
}
