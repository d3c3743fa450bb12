using System.Buffers.Binary;
using static Sampan.Linux.Netlink.Route.RouteConstants;

namespace Sampan.Linux.Netlink.Route;

/// <content>Programs that see what comes in by an interface. Others' filters there come first, and stay.</content>
public sealed partial class RouteBatch
{
    private const uint FilterPriority = 0xf000;
    private const uint FilterHandle = 1;

    /// <summary>Has a program see what comes in, or goes out, by an interface, in the place of the one that was set so before, without a moment in between.</summary>
    /// <param name="index">The number of the interface.</param>
    /// <param name="program">A program of the type BPF_PROG_TYPE_SCHED_CLS; the filter holds it from now on.</param>
    /// <param name="name">Its name in lists of filters.</param>
    /// <param name="outgoing">It sees what goes out; else what comes in.</param>
    public RouteBatch SetFilter(int index, SafeFd program, string name, bool outgoing = false)
    {
        Begin(RTM_NEWQDISC, NetlinkFlags.Create, $"let programs see what goes by link {index}");
        _writer.Fixed(new TrafficHeader { Index = index, Handle = CLSACT_HANDLE, Parent = TC_H_CLSACT });
        _writer.Attribute(TCA_KIND, "clsact");
        End();

        Begin(RTM_NEWTFILTER, NetlinkFlags.Create, $"set filter '{name}' of link {index}");
        FilterBody(index, outgoing);
        _writer.Attribute(TCA_KIND, "bpf");
        var options = _writer.BeginNested(TCA_OPTIONS);
        _writer.Attribute(TCA_BPF_FD, program.Number);
        _writer.Attribute(TCA_BPF_NAME, name);
        _writer.Attribute(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
        _writer.EndNested(options);
        return End();
    }

    /// <summary>Removes the program that <see cref="SetFilter"/> set.</summary>
    /// <param name="index">The number of the interface.</param>
    /// <param name="outgoing">The one of what goes out; else of what comes in.</param>
    public RouteBatch RemoveFilter(int index, bool outgoing = false)
    {
        Begin(RTM_DELTFILTER, NetlinkFlags.None, $"remove the filter of link {index}");
        FilterBody(index, outgoing);
        _writer.Attribute(TCA_KIND, "bpf");
        return End();
    }

    private void FilterBody(int index, bool outgoing) => _writer.Fixed(new TrafficHeader
    {
        Index = index,
        Handle = FilterHandle,
        Parent = outgoing ? CLSACT_EGRESS : CLSACT_INGRESS,
        Info = (FilterPriority << 16) | (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(ETH_P_ALL) : ETH_P_ALL),
    });
}
