using System.Globalization;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// What a service manager gave this process for its service, which is the container: sockets that it listens at
/// (<see href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</see>), and where to say that it is ready
/// (<see href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</see>). As with runc.
/// </summary>
internal static class ServiceManager
{
    private const int FirstDescriptor = 3;
    private const int MostDescriptors = 1024;

    /// <summary>Where readiness is to be told, or null.</summary>
    internal static string? Socket => Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 1 } socket && socket[0] is '/' or '@' ? socket : null;

    internal static bool HasSocket => Socket is not null;

    /// <summary>Gives the program the listening sockets first, then those that the caller wished it to keep, in the order they have here.</summary>
    /// <exception cref="RuntimeException">One of them is not open.</exception>
    internal static ProcessPlan PassDescriptors(ProcessPlan process, int preserved)
    {
        var listening = CountListening();
        process = process with { PreservedDescriptors = RequireInherited(FirstDescriptor, listening + preserved) };
        // The container's first process is the one meant, whose number is 1.
        return listening == 0 ? process : process with { Env = [.. process.Env, $"LISTEN_FDS={listening.ToString(CultureInfo.InvariantCulture)}", "LISTEN_PID=1"] };
    }

    /// <summary>Makes sure that descriptors were given to this process; one of its own must not reach the program.</summary>
    /// <returns>Their number.</returns>
    /// <exception cref="RuntimeException">One is not open.</exception>
    internal static int RequireInherited(int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            if (!CurrentDescriptors.IsInherited(number))
                throw new RuntimeException("descriptors", $"cannot keep descriptor {number} of the {count} that the program is to get from {first} on (--preserve-fds, LISTEN_FDS): the caller has not opened it");
        }
        return count;
    }

    /// <summary>What is meant for another process (LISTEN_PID) is not passed on.</summary>
    private static int CountListening()
    {
        if (Read("LISTEN_PID") != CurrentProcess.ReadPid() || Read("LISTEN_FDS") is not { } count)
            return 0;
        return count is >= 0 and <= MostDescriptors ? count : throw new RuntimeException("descriptors", $"LISTEN_FDS is {count}, which is not within 0 and {MostDescriptors}");
    }

    private static int? Read(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
