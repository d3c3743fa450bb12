namespace Sampan.Engine;

/// <summary>Something for the daemon's log.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">One clause.</param>
/// <param name="Cause">The failure, if it is about one.</param>
public sealed record EngineNotice(NoticeLevel Level, string Message, Exception? Cause = null);
