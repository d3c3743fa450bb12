using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Recipes;

/// <summary>When a restart policy starts a container again: Docker's rules. Pure.</summary>
internal static class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongRun = TimeSpan.FromSeconds(10);

    /// <summary>True when the policy wants the container started again.</summary>
    /// <param name="policy">What the user chose.</param>
    /// <param name="exitCode">How it ended.</param>
    /// <param name="restarts">How often in a row the policy has started it.</param>
    /// <param name="stoppedByUser">A person stopped it.</param>
    public static bool Wants(RestartPolicy policy, int exitCode, int restarts, bool stoppedByUser) => policy.Kind switch
    {
        RestartKind.Always => true,
        RestartKind.UnlessStopped => !stoppedByUser,
        RestartKind.OnFailure => exitCode != 0 && (policy.MaximumRetries == 0 || restarts < policy.MaximumRetries),
        _ => false,
    };

    /// <summary>How long to wait: 100 ms, doubled each time up to a minute, from the beginning again after a run of ten seconds.</summary>
    /// <param name="previous">The previous wait; null: there was none.</param>
    /// <param name="run">How long the container ran.</param>
    public static TimeSpan Next(TimeSpan? previous, TimeSpan run)
    {
        if (previous is null || run >= LongRun)
            return First;
        var doubled = previous.Value * 2;
        return doubled > Longest ? Longest : doubled;
    }
}
