using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Netlink;

/// <summary>
/// A port of the host kept from everybody else by a bound socket that answers nobody: whoever reaches it past the firewall's
/// rewriting is refused, as on a port without a server.
/// </summary>
public sealed unsafe class HeldPort : IDisposable
{
    private readonly SafeFd? _socket;

    private HeldPort(SafeFd? socket) => _socket = socket;

    /// <summary>Takes a port in the calling thread's network namespace.</summary>
    /// <param name="protocol">6 (tcp), 17 (udp) or 132 (sctp).</param>
    /// <param name="address">An address of this host, or any of its version.</param>
    /// <param name="port">The port.</param>
    /// <returns>Null if somebody has it.</returns>
    /// <exception cref="LinuxException">EADDRNOTAVAIL: the address is not this host's; or the kernel refused otherwise.</exception>
    public static HeldPort? TryHold(int protocol, IPAddress address, ushort port)
    {
        const int tcp = 6;
        const int udp = 17;
        var operand = $"{address}:{port}";
        var number = Sys.socket(address.AddressFamily == AddressFamily.InterNetworkV6 ? Sys.AF_INET6 : Sys.AF_INET, (protocol == udp ? Sys.SOCK_DGRAM : Sys.SOCK_STREAM) | Sys.SOCK_CLOEXEC, protocol);

        // A kernel without the protocol: no other process can hold its ports either.
        const int protocolNotSupported = 93;
        const int socketTypeNotSupported = 94;
        const int familyNotSupported = 97;
        if (number < 0 && (int)Sys.LastErrno is protocolNotSupported or socketTypeNotSupported or familyNotSupported)
            return new HeldPort(null);
        var socket = new SafeFd(Sys.Check(number, "open a socket to hold port", operand));
        var held = false;
        try
        {
            held = TryBind(socket, isTcp: protocol == tcp, address, port, operand);
            return held ? new HeldPort(socket) : null;
        }
        finally
        {
            if (!held)
                socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private static int Bind(SafeFd socket, IPAddress address, ushort port, string operand)
    {
        var bytes = address.GetAddressBytes();
        var order = (ushort)IPAddress.HostToNetworkOrder(unchecked((short)port));
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            var name = new Sys.InternetAddress { Family = Sys.AF_INET, Port = order, Address = BitConverter.ToUInt32(bytes) };
            return Sys.bind(socket.Number, &name, (uint)sizeof(Sys.InternetAddress));
        }

        // Else "all addresses" would be those of version 4 as well, which are held by themselves.
        Sys.Check(Sys.setsockopt(socket.Number, Sys.IPPROTO_IPV6, Sys.IPV6_V6ONLY, 1), "hold port", operand);
        var name6 = new Sys.InternetAddress6 { Family = Sys.AF_INET6, Port = order };
        bytes.CopyTo(new Span<byte>(name6.Address, bytes.Length));
        return Sys.bind(socket.Number, &name6, (uint)sizeof(Sys.InternetAddress6));
    }

    private static bool TryBind(SafeFd socket, bool isTcp, IPAddress address, ushort port, string operand)
    {
        // Without SO_REUSEADDR, connections that a former server of this port closed would block it for a minute. With it,
        // another server could listen here beside us: listening once and then taking the option back makes the port ours
        // alone (inet_csk_bind_conflict), and shutdown leaves it bound but closed. UDP and SCTP have neither closed connections
        // that wait nor, for SCTP, such a shutdown.
        if (isTcp)
            Sys.Check(Sys.setsockopt(socket.Number, Sys.SOL_SOCKET, Sys.SO_REUSEADDR, 1), "hold port", operand);
        if (Bind(socket, address, port, operand) != 0)
            return Sys.LastErrno == Errno.EADDRINUSE ? false : throw new LinuxException("hold port", Sys.LastErrno, operand);
        if (!isTcp)
            return true;
        if (Sys.listen(socket.Number, 1) != 0)
            return Sys.LastErrno == Errno.EADDRINUSE ? false : throw new LinuxException("hold port", Sys.LastErrno, operand);
        Sys.Check(Sys.shutdown(socket.Number, Sys.SHUT_RDWR), "hold port", operand);
        Sys.Check(Sys.setsockopt(socket.Number, Sys.SOL_SOCKET, Sys.SO_REUSEADDR, 0), "hold port", operand);
        return true;
    }
}
