namespace Sampan.Network;

/// <summary>A port of the host.</summary>
/// <param name="Protocol">The transport protocol.</param>
/// <param name="Number">1 to 65535.</param>
public readonly record struct HostPort(PortProtocol Protocol, ushort Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Number}/{Protocol.ToString().ToLowerInvariant()}";
}
