using Sampan.Engine;

namespace Sampan.Server.Docker;

/// <summary>Collects all that is wrong with a request, so that its sender learns everything at once.</summary>
internal sealed class Problems
{
    private readonly List<string> _invalid = [];
    private readonly List<string> _unsupported = [];

    /// <summary>Something can never work.</summary>
    internal void Invalid(string message) => _invalid.Add(message);

    /// <summary>An option that this engine does not have was given.</summary>
    /// <param name="option">Its name in the API.</param>
    /// <param name="given">True when it was given.</param>
    internal void Unsupported(string option, bool given = true)
    {
        if (given)
            _unsupported.Add($"'{option}' is not supported");
    }

    /// <summary>Runs a parser of the engine and notes what it refuses.</summary>
    internal T? Try<T>(Func<T> parse)
        where T : class
    {
        try
        {
            return parse();
        }
        catch (EngineException refused) when (refused.Kind is ErrorKind.InvalidArgument)
        {
            _invalid.Add(refused.Message);
            return null;
        }
    }

    /// <summary>Ends quietly, or tells everything that was noted.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>, or <see cref="ErrorKind.NotSupported"/> if nothing is worse.</exception>
    internal void Throw()
    {
        if (_invalid.Count > 0)
            throw new EngineException(ErrorKind.InvalidArgument, string.Join("; ", _invalid.Concat(_unsupported)));
        if (_unsupported.Count > 0)
            throw new EngineException(ErrorKind.NotSupported, string.Join("; ", _unsupported));
    }
}
