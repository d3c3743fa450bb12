using System.Collections.Concurrent;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Remembers what was reported.</summary>
internal sealed class StepList : IProgress<TransferProgress>
{
    private readonly ConcurrentQueue<TransferProgress> _steps = new();

    public IEnumerable<string> Statuses => _steps.Select(step => step.Status);

    public void Report(TransferProgress value) => _steps.Enqueue(value);
}
