using Sampan.Linux.Io;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Commands;

/// <summary>
/// <c>check [N]</c>: clones N times and lets each clone do what a container's init may do in managed code: allocate, throw, collect, read files.
/// That a quiet Native AOT process survives this is observed, not documented, behaviour of .NET: here it is observed again, on this machine.
/// </summary>
internal static class CheckCommand
{
    private const int DefaultCount = 200;

    internal static Command Definition => new("check", "[<clones>]", "prove that this build can make containers here") { Least = 0, Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var count = arguments.Words is not [var text] ? DefaultCount
            : int.TryParse(text, out var number) && number > 0 ? number : throw new UsageException($"'{text}' is not a number of clones");
        for (var i = 1; i <= count; i++)
        {
            var code = Launcher.Try(static () => Work());
            if (code != 0)
                throw new RuntimeException("check", $"clone {i} of {count} ended with {code}");
        }
        StandardStreams.WriteOutput($"{count} clones ran managed code\n");
        return 0;
    }

    /// <summary>Allocation over several generations, exceptions, forced collections, files, strings.</summary>
    private static void Work()
    {
        var kept = new List<byte[]>();
        for (var i = 0; i < 200; i++)
        {
            kept.Add(new byte[1024 + (i * 64)]);
            if (i % 50 == 0)
                GC.Collect();
        }
        for (var i = 0; i < 20; i++)
        {
            try
            {
                HostFile.Read("/no/such/file/" + i, 16);
            }
            catch (Linux.LinuxException failure)
            {
                kept.Add(System.Text.Encoding.UTF8.GetBytes(failure.Message));
            }
        }
        kept.Add(HostFile.Read("/proc/self/status", 1 << 20));
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (kept.Count != 221)
            throw new InvalidOperationException($"{kept.Count} things were kept, not 221");
    }
}
