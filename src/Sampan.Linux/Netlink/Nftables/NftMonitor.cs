using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>
/// Hears when somebody changes a table of the packet filter of one network namespace: that of the thread which opens it.
/// One thread waits, any thread may stop it.
/// </summary>
public sealed class NftMonitor : IDisposable
{
    private const uint ChangesOfTables = 1 << (7 - 1); // NFNLGRP_NFTABLES
    private const int GenericHeaderSize = 4;
    private const ushort Name = 1; // in messages about tables, chains, rules, sets and elements alike
    private readonly NetlinkSocket _socket;
    private readonly SafeFd _bell;

    private NftMonitor(NetlinkSocket socket, SafeFd bell) => (_socket, _bell) = (socket, bell);

    /// <summary>Begins to listen in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NftMonitor Open()
    {
        var bell = new SafeFd(Sys.Check(Sys.eventfd(0, Sys.EFD_CLOEXEC | Sys.EFD_NONBLOCK), "make an event counter"));
        try
        {
            return new NftMonitor(NetlinkSocket.Listen(Sys.NETLINK_NETFILTER, ChangesOfTables), bell);
        }
        catch
        {
            bell.Dispose();
            throw;
        }
    }

    /// <summary>Waits until somebody else changed a table, or may have.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="ownPort">Whose changes do not count: <see cref="NftSocket.Port"/>.</param>
    /// <returns>False: <see cref="Stop"/> was called.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Wait(string table, uint ownPort)
    {
        while (_socket.WaitUnless(_bell))
        {
            var changed = false;
            var complete = _socket.Hear((type, port, payload) => changed |= port != ownPort && type >> 8 == NftConstants.NFNL_SUBSYS_NFTABLES && IsAbout(payload, table));
            if (changed || !complete)
                return true;
        }

        return false;
    }

    /// <summary>Ends the waiting, now and later.</summary>
    public void Stop() => Sys.Check(Sys.WriteAll(_bell.Number, BitConverter.GetBytes(1ul)), "ring an event counter");

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _bell.Dispose();
    }

    private static bool IsAbout(ReadOnlySpan<byte> payload, string table)
    {
        var attributes = new NetlinkAttributes(payload.Length >= GenericHeaderSize ? payload[GenericHeaderSize..] : default);
        while (attributes.MoveNext())
        {
            if (attributes.Type == Name)
                return attributes.Text == table;
        }

        return false;
    }
}
