namespace Sampan.Engine;

/// <summary>
/// The inverses of what a recipe has acquired so far. Success calls <see cref="Release"/>; otherwise disposal runs them backwards,
/// goes on when one fails, and reports the failures, since what could not be cleaned up is somebody's work.
/// </summary>
internal sealed class Undo(Action<string, Exception> failed) : IAsyncDisposable
{
    private readonly Stack<(string Step, Func<Task> Inverse)> _steps = new();

    /// <summary>Adds the inverse of a step that has just succeeded.</summary>
    public void Push(string step, Action inverse) => _steps.Push((step, () =>
    {
        inverse();
        return Task.CompletedTask;
    }
    ));

    /// <summary>Adds the inverse of a step that has just succeeded.</summary>
    public void Push(string step, Func<Task> inverse) => _steps.Push((step, inverse));

    /// <summary>All went well: nothing is undone.</summary>
    public void Release() => _steps.Clear();

    /// <summary>Runs what was not released, last first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_steps.TryPop(out var step))
        {
            try
            {
                await step.Inverse();
            }
            catch (Exception failure)
            {
                failed(step.Step, failure);
            }
        }
    }
}
