namespace Sampan.Compose.Documents;

/// <summary>Files that make no project, or a project that can't be brought about: all that is wrong, one problem a line.</summary>
public sealed class ComposeException : Exception
{
    /// <summary>What is wrong, and how many further problems there are.</summary>
    public ComposeException(IReadOnlyList<Problem> problems, int more = 0, Exception? cause = null)
        : base(string.Join('\n', problems) + (more > 0 ? $"\nand {more} more problems" : ""), cause) => Problems = problems;

    /// <summary>One thing that is wrong with no place in a file.</summary>
    public ComposeException(string message, Exception? cause = null) : this([new Problem(Position.None, "", message)], 0, cause)
    {
    }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<Problem> Problems { get; }
}
