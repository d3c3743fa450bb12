namespace Sampan.Network.Bridges;

/// <summary>The networks that every daemon has.</summary>
internal static class DefaultNetworks
{
    internal const string BridgeName = "bridge";
    internal const string BridgeDriver = "bridge";
    internal const string HostDriver = "host";
    internal const string NoneDriver = "null";

    /// <summary>Names and drivers, as Docker has them.</summary>
    internal static IReadOnlyList<(string Name, string Driver)> All { get; } = [(BridgeName, BridgeDriver), ("host", HostDriver), ("none", NoneDriver)];
}
