using System.Globalization;
using Sampan.Engine.Containers.Wishes;
using Sampan.Runtime.Commands;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>How often an entry is sent again that did not reach its receiver, and after which waits.</summary>
/// <param name="First">The first wait; each is twice the one before.</param>
/// <param name="Longest">No wait is longer.</param>
/// <param name="Most">How often at most; null: until it arrives or the container is removed.</param>
internal sealed record LogRetry(TimeSpan First, TimeSpan Longest, int? Most)
{
    private static readonly LogRetry s_usual = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), null);

    // Without a wait a receiver that is gone would keep a processor busy.
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(10);

    /// <summary>By a container's options.</summary>
    /// <exception cref="FormatException">One is wrong.</exception>
    public static LogRetry From(LogWish log)
    {
        // Docker's own: fluentd's wait grows, gelf's is always the same.
        if (LogDrivers.NameOf(log) != "gelf")
            return Waiting(s_usual with { Most = Number(log, "fluentd-max-retries") }, Time(log, "fluentd-retry-wait"), s_usual.Longest);
        var (most, delay) = (Number(log, "gelf-tcp-max-reconnect"), Number(log, "gelf-tcp-reconnect-delay"));
        if ((most ?? delay) is not null && !log.Options.GetValueOrDefault("gelf-address", "").StartsWith("tcp:", StringComparison.Ordinal))
            throw new FormatException("gelf-tcp-max-reconnect and gelf-tcp-reconnect-delay are only supported on TCP");
        return Waiting(s_usual with { Most = most }, delay is { } seconds ? TimeSpan.FromSeconds(seconds) : null, TimeSpan.Zero);
    }

    /// <summary>The waits; after the last the entry is given up.</summary>
    public IEnumerable<TimeSpan> Pauses()
    {
        var pause = First;
        for (var tries = 0; Most is null || tries < Most; tries++)
        {
            yield return pause;
            pause = pause * 2 > Longest ? Longest : pause * 2;
        }
    }

    private static LogRetry Waiting(LogRetry usual, TimeSpan? first, TimeSpan longest) =>
        first is not { } wait ? usual
        : wait < s_least ? Waiting(usual, s_least, longest)
        : usual with { First = wait, Longest = wait > longest ? wait : longest };

    private static int? Number(LogWish log, string option) => !log.Options.TryGetValue(option, out var text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"invalid value '{text}' for {option}: expected a number that is not negative");

    private static TimeSpan? Time(LogWish log, string option) => !log.Options.TryGetValue(option, out var text) ? null
        : GoDuration.TryParse(text, out var time) ? time
        : throw new FormatException($"invalid value '{text}' for {option}: expected a time such as 500ms or 2s");
}
