namespace Sampan.Engine.Containers.Wishes;

/// <summary>What follows an exit.</summary>
/// <param name="Kind">When the container is started again.</param>
/// <param name="MaximumRetries">For <see cref="RestartKind.OnFailure"/>: how often in a row; 0: without limit.</param>
public sealed record RestartPolicy(RestartKind Kind, int MaximumRetries = 0)
{
    /// <summary>Never.</summary>
    public static RestartPolicy No { get; } = new(RestartKind.No);
}
