namespace Sampan.Kernel.Tests.Network;

/// <summary>The way that packets to a container took.</summary>
internal enum Way
{
    ByBridge,
    Past,
}
