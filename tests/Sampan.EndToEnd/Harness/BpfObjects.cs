using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>
/// The BPF programs and tables that the kernel holds for an engine, whoever holds them: a process, a filter of a link, a namespace. They bear the name of
/// its bridge. See <see href="https://man7.org/linux/man-pages/man2/bpf.2.html">bpf(2)</see>.
/// </summary>
internal static unsafe class BpfObjects
{
    private const int ObjectInfo = 15; // BPF_OBJ_GET_INFO_BY_FD

    // BPF_PROG_GET_NEXT_ID and BPF_PROG_GET_FD_BY_ID, where the name is in struct bpf_prog_info; the same of maps.
    private static readonly (string Kind, int Next, int Open, int Name)[] s_kinds = [("program", 11, 13, 64), ("table", 12, 14, 24)];

    private static readonly long s_bpf = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    /// <summary>"program 1", "program 2", "table 1": their numbers in the kernel are others with each daemon.</summary>
    public static IReadOnlyList<string> Of(Daemon daemon)
    {
        var found = new List<string>();
        foreach (var (kind, next, open, name) in s_kinds)
        {
            var count = 0;
            for (uint id = 0; Next(next, ref id);)
            {
                if (NameOf(open, id, name) == daemon.Bridge)
                    found.Add($"{kind} {++count}");
            }
        }

        return found;
    }

    private static bool Next(int command, ref uint id)
    {
        var attributes = stackalloc uint[3] { id, 0, 0 };
        if (Call(s_bpf, command, attributes, 3 * sizeof(uint)) != 0)
            return Marshal.GetLastPInvokeError() is 2 ? false : throw new InvalidOperationException($"the kernel does not list BPF objects: errno {Marshal.GetLastPInvokeError()}");
        id = attributes[1];
        return true;
    }

    private static string? NameOf(int open, uint id, int at)
    {
        var byId = stackalloc uint[3] { id, 0, 0 };
        var fd = (int)Call(s_bpf, open, byId, 3 * sizeof(uint));
        if (fd < 0)
            return null; // gone meanwhile
        using var held = new Microsoft.Win32.SafeHandles.SafeFileHandle(fd, ownsHandle: true);
        Span<byte> info = stackalloc byte[128];
        info.Clear();
        fixed (byte* start = info)
        {
            var attributes = stackalloc ulong[2] { (uint)fd | ((ulong)info.Length << 32), (ulong)start };
            return Call(s_bpf, ObjectInfo, attributes, 2 * sizeof(ulong)) == 0
                ? Encoding.ASCII.GetString(info.Slice(at, 16)).TrimEnd('\0')
                : throw new InvalidOperationException($"the kernel tells nothing of BPF object {id}: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long Call(long number, long command, void* attributes, nuint size);
}
