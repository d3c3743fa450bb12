namespace Sampan.Engine.Logs;

/// <summary>Waits until a log has grown.</summary>
/// <param name="known">What an earlier call answered; -1 asks for the present total.</param>
/// <param name="ct">Gives up.</param>
/// <returns>The bytes logged so far; -1 when the container ended and nothing more comes.</returns>
internal delegate Task<long> LogGrowth(long known, CancellationToken ct);
