using Sampan.Engine.Supervision;
using Sampan.Storage.Plugins;

namespace Sampan.Engine.Plugins;

/// <summary>One managed plugin in memory.</summary>
internal sealed class Plugin(PluginRecord record)
{
    private volatile PluginRecord _current = record;

    /// <summary>One change at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Its identity.</summary>
    public string Id { get; } = record.Id;

    /// <summary>What is true of it now; changed under the gate.</summary>
    public PluginRecord Current { get => _current; set => _current = value; }

    /// <summary>The line to its process; null: none runs. Changed under the gate.</summary>
    public ISupervisor? Supervisor { get; set; }

    /// <summary>Bytes that its log had when it was last started: what stands before is of an earlier run.</summary>
    public long LogFrom { get; set; }

    /// <summary>Whoever had it from before knows that it is gone.</summary>
    public bool IsRemoved { get; set; }
}
