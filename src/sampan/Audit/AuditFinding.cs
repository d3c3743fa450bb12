namespace Sampan.Cli.Audit;

/// <summary>What one check of the CIS Docker Benchmark says about one thing.</summary>
/// <param name="Check">Its number there, <c>5.4</c>.</param>
/// <param name="Subject">What was looked at: the engine, a file, a container, an image.</param>
/// <param name="IsGood">Nothing is to be done.</param>
/// <param name="Reason">What was found, in one clause.</param>
/// <param name="Fix">What to do; empty when nothing is.</param>
internal sealed record AuditFinding(string Check, string Subject, bool IsGood, string Reason, string Fix)
{
    public static AuditFinding Of(string check, string subject, bool isGood, string good, string bad, string fix) =>
        isGood ? new AuditFinding(check, subject, true, good, "") : new AuditFinding(check, subject, false, bad, fix);
}
