namespace Sampan.Engine.Plugins;

/// <summary>What plugins offer and this engine has no use for: who asks for it is told so, and not that there is no such plugin.</summary>
internal static class PluginDrivers
{
    /// <summary>Refuses a driver that is a managed plugin.</summary>
    /// <param name="parts">The engine's.</param>
    /// <param name="driver">The name that was asked for; null or empty: none.</param>
    /// <param name="kind">What it shall drive: <c>network</c>, <c>address</c>, <c>log</c>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotSupported"/>: it is one.</exception>
    public static void Refuse(EngineParts parts, string? driver, string kind)
    {
        if (!string.IsNullOrEmpty(driver) && parts.Volumes.Managed.All.Any() && Translate.Run(() => parts.Volumes.Managed.Find(driver)) is { } plugin)
            throw EngineException.NotSupported($"plugin {plugin.Record.Name} as {kind} driver is not supported: this engine uses plugins for volumes and for authorization");
    }
}
