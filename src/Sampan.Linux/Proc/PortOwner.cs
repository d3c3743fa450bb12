using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Linux.Proc;

/// <summary>The process that has a port of the host.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Name">Its short name (<c>comm</c>).</param>
public sealed record PortOwner(int Pid, string Name)
{
    /// <summary>Looks for the owner in <c>/proc</c>: slow, for error messages.</summary>
    /// <param name="protocol">6 (tcp) or 17 (udp); others are not found.</param>
    /// <param name="address">The address somebody wanted.</param>
    /// <param name="port">The port.</param>
    /// <returns>Null if nobody is found: it may be gone, or in another process namespace.</returns>
    public static PortOwner? Find(int protocol, IPAddress address, ushort port)
    {
        var table = protocol switch { 6 => "tcp", 17 => "udp", _ => null };
        if (table is null)
            return null;
        foreach (var file in (ReadOnlySpan<string>)[table, $"{table}6"])
        {
            var path = $"/proc/thread-self/net/{file}";
            if (!File.Exists(path))
                continue;
            foreach (var line in File.ReadLines(path).Skip(1))
            {
                if (FindInode(line, address, port) is { } inode && FindProcess($"socket:[{inode}]") is { } owner)
                    return owner;
            }
        }

        return null;
    }

    /// <summary>
    /// A line of <c>/proc/net/tcp</c> or its relatives: number, local address and port in hexadecimal, remote ones, state (0A is
    /// listening), queues, timers, retransmits, uid, timeout, inode:
    /// <c>0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 1 …</c>
    /// </summary>
    /// <returns>The inode of the socket if it stands in the way of <paramref name="address"/> and <paramref name="port"/>, else null.</returns>
    internal static string? FindInode(string line, IPAddress address, ushort port)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 10)
            return null;
        var local = fields[1].Split(':');
        if (local.Length != 2 || !ushort.TryParse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var found) || found != port)
            return null;
        const string connected = "01";
        const string timeWait = "06";
        if (fields[3] is connected or timeWait)
            return null;
        var wildcard = local[0].All(c => c == '0') && (local[0].Length == 32 || address.AddressFamily == AddressFamily.InterNetwork);
        var same = local[0].Equals(Words(address), StringComparison.OrdinalIgnoreCase);
        // A socket of version 6 on all addresses takes those of version 4 too, unless it was told not to.
        var all = address.Equals(IPAddress.Any) ? local[0].Length == 8 : address.Equals(IPAddress.IPv6Any) && local[0].Length == 32;
        return wildcard || same || all ? fields[9] : null;
    }

    // Words of four bytes in the machine's order, one behind the other.
    private static string Words(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return string.Concat(Enumerable.Range(0, bytes.Length / sizeof(uint)).Select(i => BitConverter.ToUInt32(bytes, i * sizeof(uint)).ToString("X8", CultureInfo.InvariantCulture)));
    }

    private static PortOwner? FindProcess(string socket)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                foreach (var file in Directory.EnumerateFiles($"{directory}/fd"))
                {
                    if (new FileInfo(file).LinkTarget == socket)
                        return new PortOwner(pid, File.ReadAllText($"{directory}/comm").TrimEnd('\n'));
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The process ended while we looked, or is another user's: it is not the one we can name.
            }
        }

        return null;
    }
}
