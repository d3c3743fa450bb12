using Sampan.Network.Bridges;

namespace Sampan.Network.Wires;

/// <summary>A network whose containers share the wire of a parent interface: drivers <c>macvlan</c> and <c>ipvlan</c>.</summary>
internal sealed class WireNetwork : AddressedNetwork
{
    /// <summary>The parent's number on the host.</summary>
    internal required int ParentIndex { get; init; }

    internal required WireSettings Settings { get; init; }

    internal override string LinkPrefix => "eth";
}
