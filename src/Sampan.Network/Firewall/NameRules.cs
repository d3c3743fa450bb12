using Sampan.Linux.Netlink.Nftables;
using Sampan.Network.Dns;

namespace Sampan.Network.Firewall;

/// <summary>
/// The rules inside a container by which port 53 of 127.0.0.11 is the engine's: a program in the container may have port 53 of all
/// its addresses. Ports are written over, questions as the last thing before they are heard, answers as the first thing
/// after they were said, so that rules of the container's own see port 53 both times. No translation of the kernel's: for that
/// it would track all connections of the container, and each packet of a stream would pay for it.
/// </summary>
internal static class NameRules
{
    /// <summary>The table's name.</summary>
    internal const string Table = "sampan-names";

    internal const ushort NamePort = 53;
    private const int BehindEverybody = 400;
    private const int BeforeEverybody = -400;

    /// <summary>Builds them.</summary>
    /// <param name="ports">The engine's ports inside.</param>
    internal static NftTable Build((ushort Datagrams, ushort Streams) ports)
    {
        (byte Protocol, ushort Heard)[] ways = [((byte)PortProtocol.Udp, ports.Datagrams), ((byte)PortProtocol.Tcp, ports.Streams)];
        return new NftTable
        {
            Name = Table,
            Chains =
            [
                new NftChain
                {
                    Name = "questions",
                    Hook = new NftHook("filter", NftHookPoint.Input, BehindEverybody),
                    Rules = [.. ways.Select(w => new NftRule("the engine answers questions for names", Within(incoming: true), At(source: false), new NftPort(w.Protocol, Source: false, NamePort), new NftSetPort(w.Protocol, Source: false, w.Heard)))],
                },
                new NftChain
                {
                    Name = "answers",
                    Hook = new NftHook("filter", NftHookPoint.Output, BeforeEverybody),
                    Rules = [.. ways.Select(w => new NftRule("its answers come from where the question went", Within(incoming: false), At(source: true), new NftPort(w.Protocol, Source: true, w.Heard), new NftSetPort(w.Protocol, Source: true, NamePort)))],
                },
            ],
        };
    }

    private static NftInterface Within(bool incoming) => new(incoming, "lo");

    private static NftAddress At(bool source) => new(source, NameServer.Address, 32);
}
