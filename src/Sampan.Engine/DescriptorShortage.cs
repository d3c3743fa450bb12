using Sampan.Runtime.Observation;

namespace Sampan.Engine;

/// <summary>
/// What the engine does with few descriptors left: containers are not started any more when a quarter of the limit is free, and clients are refused
/// when an eighth is, so that what runs can always be looked at, stopped and removed.
/// </summary>
public static class DescriptorShortage
{
    private const int ShareForClients = 8;

    /// <summary>The process's limit.</summary>
    public static int Limit => OwnDescriptors.Limit;

    /// <summary>Descriptors from this number on are not for clients.</summary>
    public static int RoomForClients => Limit - Spare;

    /// <summary>What is wrong and what to do about it.</summary>
    public static string Advice => $"the daemon may have {Limit} files open and has nearly as many: end clients that follow (attach, logs -f, events, exec), or let it have more ('LimitNOFILE=' of its unit, 'ulimit -n')";

    private static int Spare => Limit / ShareForClients;

    /// <summary>True if a failure, or what caused it, is the want of a descriptor.</summary>
    public static bool IsCauseOf(Exception failure) => OwnDescriptors.IsShortage(failure);

    /// <summary>Refuses what would keep descriptors for long.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.Unavailable"/>: there are few left.</exception>
    internal static void Check(string act)
    {
        if (OwnDescriptors.AreFewerThan(2 * Spare))
            throw new EngineException(ErrorKind.Unavailable, $"cannot {act}: too many open files: {Advice}");
    }
}
