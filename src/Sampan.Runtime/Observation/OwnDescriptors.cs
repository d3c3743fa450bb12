using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Observation;

/// <summary>How many files this process may have open, and whether it has nearly as many.</summary>
public static class OwnDescriptors
{
    private static readonly Lazy<int> s_limit = new(DescriptorTable.ReadLimit);

    /// <summary>The limit (<c>RLIMIT_NOFILE</c>) as it was when it was first asked for.</summary>
    public static int Limit => s_limit.Value;

    /// <summary>True if the kernel gives out the highest numbers by now: it always gives the lowest that is free.</summary>
    /// <param name="spare">How many are to be free.</param>
    public static bool AreFewerThan(int spare) => DescriptorTable.LowestFree() is not { } next || next >= Limit - spare;

    /// <summary>True if a failure, or what caused it, is the want of a descriptor.</summary>
    public static bool IsShortage(Exception failure) => failure switch
    {
        LinuxException { Errno: Errno.EMFILE or Errno.ENFILE } => true,
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => true,
        // .NET gives its IOExceptions the kernel's number.
        IOException { HResult: (int)Errno.EMFILE or (int)Errno.ENFILE } => true,
        AggregateException many => many.InnerExceptions.Any(IsShortage),
        { InnerException: { } cause } => IsShortage(cause),
        _ => false,
    };
}
