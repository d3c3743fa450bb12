namespace Sampan.Runtime.Commands;

/// <summary>What follows an option.</summary>
internal enum OptionKind
{
    /// <summary>Nothing: <c>--all</c>, or <c>--all=false</c>.</summary>
    Switch,

    /// <summary>One value; given twice, the last counts.</summary>
    Value,

    /// <summary>One value each time it is given.</summary>
    List,
}
