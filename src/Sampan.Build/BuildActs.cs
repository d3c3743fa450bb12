namespace Sampan.Build;

/// <summary>Tells what a build does besides its instructions: fetching a context, writing an image. Thread-safe.</summary>
/// <param name="progress">Is told; null: nobody wants to know.</param>
/// <param name="time">The clock.</param>
internal sealed class BuildActs(IProgress<BuildMessage>? progress, TimeProvider time)
{
    private int _last;

    /// <summary>Does something, and tells when it began and ended.</summary>
    /// <param name="name">What.</param>
    /// <param name="work">Does it, and gives parts of it with their bytes.</param>
    internal async Task<T> RunAsync<T>(string name, Func<Task<(T Result, IReadOnlyList<BuildMessage.ActPart> Parts)>> work)
    {
        if (progress is null)
            return (await work()).Result;
        var act = new BuildMessage.Act(Interlocked.Increment(ref _last), name, time.GetUtcNow());
        progress.Report(act);
        try
        {
            var (result, parts) = await work();
            progress.Report(act with { Completed = time.GetUtcNow(), Parts = parts });
            return result;
        }
        catch (Exception failed)
        {
            progress.Report(act with { Completed = time.GetUtcNow(), Error = failed is OperationCanceledException ? "context canceled" : failed.Message });
            throw;
        }
    }
}
