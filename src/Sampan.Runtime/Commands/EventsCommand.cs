using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>events</c>: counters again and again, and word of memory that ran out, one JSON line each, until the container has ended.</summary>
internal static class EventsCommand
{
    internal static Command Definition => new("events", "<container-id>", "print the use of resources, and when memory runs out")
    {
        Details = "One line of JSON each time, until the container has ended.",
        Options =
        [
            CommandOption.Value("interval", "time between two lines, as 5s or 1m (5s)"),
            CommandOption.Switch("stats", "print one line and end"),
        ],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var id = arguments.Words[0];
        if (!GoDuration.TryParse(arguments.Text("interval") ?? "5s", out var interval) || interval <= TimeSpan.Zero)
            throw new UsageException($"duration interval must be greater than 0: '{arguments.Text("interval")}'");
        var host = CgroupHost.Detect();
        using var container = context.Runtime.Observe(id);
        if (arguments.Has("stats"))
        {
            Print(host, id, container);
            return 0;
        }
        using var watch = new Watch(host, id, container);
        watch.Follow(interval);
        return 0;
    }

    private static void Print(CgroupHost host, string id, ObservedContainer container) =>
        StandardStreams.WriteOutput(StatisticsJson.Line(id, container.Cgroup.ReadStatistics(), host.Layout.Mode != CgroupMode.V2) + "\n");

    /// <summary>Waits for the time, for want of memory, for the end.</summary>
    private sealed class Watch : IPollHandler, IDisposable
    {
        private readonly CgroupHost _host;
        private readonly string _id;
        private readonly ObservedContainer _container;
        private readonly EventPoll _poll = new();
        private readonly OomWatch? _memory;
        private bool _hasEnded;

        internal Watch(CgroupHost host, string id, ObservedContainer container)
        {
            (_host, _id, _container) = (host, id, container);
            _memory = OomWatch.Open(host, container.Cgroup.Path);
            if (_memory is not null)
                _poll.Watch(_memory.Descriptor, _memory.Events, this);
            _poll.Watch(container.Init.Descriptor, PollEvents.Input, this);
        }

        internal void Follow(TimeSpan interval)
        {
            var next = Environment.TickCount64;
            while (!_hasEnded)
            {
                var now = Environment.TickCount64;
                if (now >= next)
                {
                    Print(_host, _id, _container);
                    next = now + (long)Math.Max(1, interval.TotalMilliseconds);
                }
                _poll.Wait((int)Math.Max(0, next - now));
            }
        }

        public void OnReady(SafeFd descriptor, PollEvents events)
        {
            if (_memory is null || !ReferenceEquals(descriptor, _memory.Descriptor))
                _hasEnded = true;
            // Both may be ready, in either order: what was killed for want of memory may have been init.
            if (_memory is not null && _memory.Take())
                StandardStreams.WriteOutput(StatisticsJson.OomLine(_id) + "\n");
        }

        public void Dispose()
        {
            _memory?.Dispose();
            _poll.Dispose();
        }
    }
}
