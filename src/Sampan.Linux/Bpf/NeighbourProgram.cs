using System.Runtime.InteropServices;
using static Sampan.Linux.Syscalls.Sys;

namespace Sampan.Linux.Bpf;

/// <summary>
/// Two programs that know who is behind the ports of bridges. One is for what comes in by the ports: frames of IPv4 and IPv6 for another
/// port of the same bridge, whose other end is in a namespace, go straight in there (<c>bpf_redirect_peer</c>), past the bridge and what
/// listens on it; those of IPv6 for the host itself arrive at the bridge's own interface without passing its ports' filters. The other is for what the host itself sends or routes by a bridge: such frames leave by the port (<c>bpf_redirect</c>), past the
/// bridge. All others (broadcasts, ARP, VLANs, addresses that the tables do not know) go on as if the programs were not
/// there. They live as long as a filter or this object holds them.
/// </summary>
public sealed class NeighbourProgram : IDisposable
{
    private const int MostEntries = 16384;
    private const int AddressBytes = 6;
    private const int KeyBytes = 12; // a bridge's number, six bytes of the address, two of nothing

    private readonly BpfTable _ports;
    private readonly BpfTable _owners;

    private NeighbourProgram(BpfTable ports, BpfTable owners, SafeFd ofPorts, SafeFd ofBridges) => (_ports, _owners, OfPorts, OfBridges) = (ports, owners, ofPorts, ofBridges);

    /// <summary>The program for what comes in by ports, for <see cref="Netlink.Route.RouteBatch.SetFilter"/>.</summary>
    public SafeFd OfPorts { get; }

    /// <summary>The program for what the host sends by bridges.</summary>
    public SafeFd OfBridges { get; }

    /// <summary>Loads them, with empty tables.</summary>
    /// <param name="owner">Whose they are, a link's name: <c>bpftool</c> shows programs and tables by it, with '_' for '-'.</param>
    /// <exception cref="LinuxException">The kernel refused: it is older than 5.10, or the caller lacks CAP_BPF or CAP_NET_ADMIN.</exception>
    public static NeighbourProgram Load(string owner)
    {
        var name = owner.Replace('-', '_');
        BpfTable? ports = null, owners = null;
        SafeFd? ofPorts = null;
        try
        {
            ports = new BpfTable(name, sizeof(int), MostEntries);
            owners = new BpfTable(name, KeyBytes, MostEntries);
            ofPorts = BpfProgram.Load(BPF_PROG_TYPE_SCHED_CLS, Compile(ports.Descriptor, owners.Descriptor, isOfBridge: false), "the program of bridges' ports", name: name);
            return new NeighbourProgram(ports, owners, ofPorts, BpfProgram.Load(BPF_PROG_TYPE_SCHED_CLS, Compile(ports.Descriptor, owners.Descriptor, isOfBridge: true), "the program of bridges", name: name));
        }
        catch
        {
            ofPorts?.Dispose();
            ports?.Dispose();
            owners?.Dispose();
            throw;
        }
    }

    /// <summary>Frames that come in by a port are looked at; before, all go by the bridge.</summary>
    /// <param name="port">The number of the interface.</param>
    /// <param name="bridge">The number of its bridge.</param>
    /// <returns>False: the table is full.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool TryOpen(int port, int bridge) => _ports.TrySet(PortKey(port), (uint)bridge);

    /// <summary>All frames that come in by a port go by the bridge.</summary>
    /// <param name="port">The number of the interface.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Close(int port) => _ports.Remove(PortKey(port));

    /// <summary>Frames for a hardware address lead to a port's other end, or to the bridge's own interface.</summary>
    /// <param name="bridge">The number of the bridge.</param>
    /// <param name="address">Six bytes.</param>
    /// <param name="port">The number of the port, or the bridge's once more.</param>
    /// <returns>False: the table is full.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool TryLead(int bridge, ReadOnlySpan<byte> address, int port) => _owners.TrySet(OwnerKey(bridge, address), (uint)port);

    /// <summary>Where frames for a hardware address lead; null: by the bridge.</summary>
    /// <param name="bridge">The number of the bridge.</param>
    /// <param name="address">Six bytes.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int? OwnerOf(int bridge, ReadOnlySpan<byte> address) => (int?)_owners.Find(OwnerKey(bridge, address));

    /// <summary>Frames for a hardware address go by the bridge.</summary>
    /// <param name="bridge">The number of the bridge.</param>
    /// <param name="address">Six bytes.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Forget(int bridge, ReadOnlySpan<byte> address) => _owners.Remove(OwnerKey(bridge, address));

    /// <inheritdoc/>
    public void Dispose()
    {
        OfPorts.Dispose();
        OfBridges.Dispose();
        _ports.Dispose();
        _owners.Dispose();
    }

    private static byte[] PortKey(int port) => BitConverter.GetBytes(port);

    private static byte[] OwnerKey(int bridge, ReadOnlySpan<byte> address)
    {
        if (address.Length != AddressBytes)
            throw new ArgumentException("a hardware address of six bytes is expected", nameof(address));
        var key = new byte[KeyBytes];
        MemoryMarshal.Write(key, bridge);
        address.CopyTo(key.AsSpan(sizeof(int)));
        return key;
    }

    /// <summary>A program, with the descriptors of its tables.</summary>
    /// <param name="ports">Which bridge a port belongs to.</param>
    /// <param name="owners">Whose a hardware address is.</param>
    /// <param name="isOfBridge">The program is for what the host sends by bridges, not for what comes in by ports.</param>
    internal static bpf_insn[] Compile(int ports, int owners, bool isOfBridge)
    {
        const int context = 6, target = 7, key = 2, table = 1, result = 0, data = 2, end = 3, scratch = 4, stack = 10;
        const short port = -4, bridge = -16, address = -12;
        var pass = new List<int>();
        var code = new List<bpf_insn>
        {
            new(MoveRegister, Registers(context, 1), 0, 0),

            // What bridges do with VLANs is theirs; ARP teaches them who is where.
            new(LoadWord, Registers(scratch, context), VlanPresent, 0),
        };
        Pass(JumpIfNot, scratch, 0);
        code.Add(new(LoadWord, Registers(scratch, context), Protocol, 0));
        code.Add(new(JumpIfEqual, Registers(scratch), 1, IPv4));
        Pass(JumpIfNot, scratch, IPv6);

        // Whose port is it? What leaves by a bridge says so itself. If it came in by a port, br_netfilter has translated its destination, and
        // asks for the hardware address: only the bridge has it translated to the end.
        code.Add(new(LoadWord, Registers(scratch, context), isOfBridge ? CameInBy : InterfaceIndex, 0));
        code.Add(new(StoreWord, Registers(stack, scratch), port, 0));
        Find(ports, port, isFoundToPass: isOfBridge);
        code.Add(isOfBridge ? new(LoadWord, Registers(scratch, context), InterfaceIndex, 0) : new(LoadWord, Registers(scratch, result), 0, 0));
        code.Add(new(StoreWord, Registers(stack, scratch), bridge, 0));

        // Whose address is it? Of a frame whose beginning is not in one piece the bridge knows.
        code.Add(new(LoadWord, Registers(data, context), Data, 0));
        code.Add(new(LoadWord, Registers(end, context), DataEnd, 0));
        code.Add(new(MoveRegister, Registers(scratch, data), 0, 0));
        code.Add(new(AddValue, Registers(scratch), 0, HeaderBytes));
        pass.Add(code.Count);
        code.Add(new(JumpIfGreater, Registers(scratch, end), 0, 0));
        code.Add(new(LoadWord, Registers(scratch, data), 0, 0));
        code.Add(new(StoreWord, Registers(stack, scratch), address, 0));
        code.Add(new(LoadHalf, Registers(scratch, data), sizeof(uint), 0));
        code.Add(new(StoreWord, Registers(stack, scratch), address + sizeof(uint), 0));
        Find(owners, bridge);

        code.Add(new(LoadWord, Registers(target, result), 0, 0));

        // Not back to where it came from: a bridge does not do that either.
        code.Add(new(LoadWord, Registers(scratch, context), InterfaceIndex, 0));
        pass.Add(code.Count);
        code.Add(new(JumpIfSame, Registers(target, scratch), 0, 0));
        var toHost = 0;
        if (!isOfBridge)
        {
            code.Add(new(LoadWord, Registers(scratch, stack), bridge, 0));
            toHost = code.Count;
            code.Add(new(JumpIfSame, Registers(target, scratch), 0, 0));

            // It was for somebody else when it came to this port, and is the neighbour's own from here on: kernels before 6.15 do not say so themselves.
            code.Add(new(MoveRegister, Registers(1, context), 0, 0));
            code.Add(new(MoveValue, Registers(2), 0, ToThisHost));
            code.Add(new(Call, 0, 0, ChangeType));
        }

        Lead(isOfBridge ? Redirect : RedirectPeer, 0);
        if (!isOfBridge)
        {
            // The bridge's own address is the host's. Of version 4 the bridge takes it there; of version 6 br_netfilter would have rewritten answers to the
            // host's ::1 before the kernel looks whether ::1 came from outside, and drops it then (ip6_rcv_core).
            code[toHost] = code[toHost] with { off = (short)(code.Count - toHost - 1) };
            code.Add(new(LoadWord, Registers(scratch, context), Protocol, 0));
            Pass(JumpIfNot, scratch, IPv6);
            Lead(Redirect, Incoming);
        }

        foreach (var jump in pass)
            code[jump] = code[jump] with { off = (short)(code.Count - jump - 1) };
        code.Add(new(MoveValue, Registers(result), 0, Unspecified));
        code.Add(new(Exit, 0, 0, 0));
        return [.. code];

        void Pass(byte jump, int register, int value)
        {
            pass.Add(code.Count);
            code.Add(new(jump, Registers(register), 0, value));
        }

        void Lead(int how, int flags)
        {
            code.Add(new(MoveRegister, Registers(1, target), 0, 0));
            code.Add(new(MoveValue, Registers(2), 0, flags));
            code.Add(new(Call, 0, 0, how));
            code.Add(new(Exit, 0, 0, 0));
        }

        void Find(int descriptor, short at, bool isFoundToPass = false)
        {
            code.Add(new(LoadTable, Registers(table, IsTable), 0, descriptor));
            code.Add(new(0, 0, 0, 0));
            code.Add(new(MoveRegister, Registers(key, stack), 0, 0));
            code.Add(new(AddValue, Registers(key), 0, at));
            code.Add(new(Call, 0, 0, LookUp));
            Pass(isFoundToPass ? JumpIfNot : JumpIfEqual, result, 0);
        }
    }

    private const byte LoadWord = 0x61;      // BPF_LDX | BPF_MEM | BPF_W
    private const byte LoadHalf = 0x69;      // BPF_LDX | BPF_MEM | BPF_H
    private const byte StoreWord = 0x63;     // BPF_STX | BPF_MEM | BPF_W
    private const byte LoadTable = 0x18;     // BPF_LD | BPF_DW | BPF_IMM, of two instructions
    private const byte MoveRegister = 0xbf;  // BPF_ALU64 | BPF_MOV | BPF_X
    private const byte MoveValue = 0xb7;     // BPF_ALU64 | BPF_MOV | BPF_K
    private const byte AddValue = 0x07;      // BPF_ALU64 | BPF_ADD | BPF_K
    private const byte JumpIfEqual = 0x15;   // BPF_JMP | BPF_JEQ | BPF_K
    private const byte JumpIfNot = 0x55;     // BPF_JMP | BPF_JNE | BPF_K
    private const byte JumpIfSame = 0x1d;    // BPF_JMP | BPF_JEQ | BPF_X
    private const byte JumpIfGreater = 0x2d; // BPF_JMP | BPF_JGT | BPF_X
    private const byte Call = 0x85;
    private const byte Exit = 0x95;
    private const int IsTable = 1;           // BPF_PSEUDO_MAP_FD
    private const int LookUp = 1;            // BPF_FUNC_map_lookup_elem
    private const int Redirect = 23;         // BPF_FUNC_redirect
    private const int Incoming = 1;          // BPF_F_INGRESS
    private const int ChangeType = 32;       // BPF_FUNC_skb_change_type
    private const int ToThisHost = 0;        // PACKET_HOST
    private const int RedirectPeer = 155;    // BPF_FUNC_redirect_peer
    private const int Unspecified = -1;      // TC_ACT_UNSPEC: as if there were no filter
    private const int HeaderBytes = 14;

    // struct __sk_buff
    private const short Protocol = 16, VlanPresent = 20, CameInBy = 36, InterfaceIndex = 40, Data = 76, DataEnd = 80;

    // In the order of the wire.
    private static readonly int IPv4 = BitConverter.IsLittleEndian ? 0x0008 : 0x0800;
    private static readonly int IPv6 = BitConverter.IsLittleEndian ? 0xdd86 : 0x86dd;

    // The four low bits are the target register, the high ones the source (little endian).
    private static byte Registers(int target, int source = 0) => (byte)(target | (source << 4));
}
