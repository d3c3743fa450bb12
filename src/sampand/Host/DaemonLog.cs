using Microsoft.Extensions.Logging;

namespace Sampand.Host;

/// <summary>What the daemon itself logs. Event ids 6000 to 6099.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(6000, LogLevel.Information, "sampand {Version} listens on {Hosts}")]
    internal static partial void Ready(ILogger log, string version, string hosts);

    [LoggerMessage(6001, LogLevel.Warning, "{Host} is open without encryption and without authentication: whoever reaches it is root on this machine")]
    internal static partial void Unprotected(ILogger log, string host);

    [LoggerMessage(6002, LogLevel.Information, "stopping; containers run on")]
    internal static partial void Stopping(ILogger log);

    [LoggerMessage(6003, LogLevel.Information, "read the configuration again: log level {Level}, labels {Labels}")]
    internal static partial void Reloaded(ILogger log, LogLevel level, string labels);

    [LoggerMessage(6004, LogLevel.Error, "cannot read the configuration again, everything stays as it was: {Reason}")]
    internal static partial void NotReloaded(ILogger log, string reason);

    [LoggerMessage(6005, LogLevel.Error, "a task failed and nobody looked: {Reason}")]
    internal static partial void Unobserved(ILogger log, Exception failure, string reason);

    [LoggerMessage(6006, LogLevel.Warning, "cannot tell systemd '{State}': {Reason}")]
    internal static partial void NotNotified(ILogger log, string state, string reason);

    [LoggerMessage(6007, LogLevel.Information, "registry of '{Root}' listens on {Addresses}")]
    internal static partial void RegistryReady(ILogger log, string root, string addresses);

    [LoggerMessage(6008, LogLevel.Warning, "{Address} is open without encryption: passwords and images can be read and changed on their way")]
    internal static partial void RegistryPlain(ILogger log, string address);

    [LoggerMessage(6009, LogLevel.Warning, "{Address} is open without users: whoever reaches it can push and delete")]
    internal static partial void RegistryOpen(ILogger log, string address);

    [LoggerMessage(6021, LogLevel.Warning, "'sampand registry gc' cannot reach this registry, only SIGUSR1 can: no socket in '{Root}': {Reason}")]
    internal static partial void RegistryWithoutControl(ILogger log, string root, string reason);

    [LoggerMessage(6022, LogLevel.Information, "leading from {Addresses} to the containers of the engine at {Engine}")]
    internal static partial void GatewayReady(ILogger log, string addresses, string engine);

    [LoggerMessage(6023, LogLevel.Warning, "the build cache was not cut back: {Reason}")]
    internal static partial void CacheNotCut(ILogger log, string reason);

    [LoggerMessage(6024, LogLevel.Information, "gateway {Pid} started; what it says is in '{File}'")]
    internal static partial void GatewayStarted(ILogger log, int pid, string file);

    [LoggerMessage(6025, LogLevel.Information, "gateway {Pid} runs still")]
    internal static partial void GatewayAdopted(ILogger log, int pid);

    [LoggerMessage(6026, LogLevel.Information, "gateway {Pid} is stopped")]
    internal static partial void GatewayStopped(ILogger log, int pid);

    [LoggerMessage(6027, LogLevel.Error, "gateway {Pid} ended with {Status} and is started again: {LastWords}")]
    internal static partial void GatewayEnded(ILogger log, int pid, string status, string lastWords);

    [LoggerMessage(6028, LogLevel.Error, "cannot start the gateway, it is tried again: {Reason}")]
    internal static partial void GatewayFailed(ILogger log, string reason);

    [LoggerMessage(6020, LogLevel.Warning, "{What}")]
    internal static partial void RegistryMirror(ILogger log, string what);

    [LoggerMessage(6010, LogLevel.Debug, "{Message}")]
    internal static partial void EngineDebug(ILogger log, string message, Exception? cause);

    [LoggerMessage(6011, LogLevel.Information, "{Message}")]
    internal static partial void EngineInformation(ILogger log, string message, Exception? cause);

    [LoggerMessage(6012, LogLevel.Warning, "{Message}")]
    internal static partial void EngineWarning(ILogger log, string message, Exception? cause);

    [LoggerMessage(6013, LogLevel.Error, "{Message}")]
    internal static partial void EngineError(ILogger log, string message, Exception? cause);
}
