namespace Sampan.Storage.Collection;

/// <summary>Something in the store that is not as it should be.</summary>
/// <param name="Kind">What it is found in.</param>
/// <param name="Id">Which one.</param>
/// <param name="Problem">What is wrong, in one clause.</param>
/// <param name="Remedy">What was done about it or, if it was not, what can be.</param>
/// <param name="IsRepaired">True if it was done.</param>
public sealed record StoreFinding(LedgerKind Kind, string Id, string Problem, string Remedy, bool IsRepaired);
