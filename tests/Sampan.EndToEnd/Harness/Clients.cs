namespace Sampan.EndToEnd.Harness;

/// <summary>The two command lines that every feature is tried with.</summary>
internal static class Clients
{
    public const string Docker = "docker";
    public const string Sampan = "sampan";

    public static TheoryData<string> Both => [Docker, Sampan];

    /// <summary>The client's executable; the test is skipped where docker's is not installed.</summary>
    public static string Path(string client)
    {
        if (client == Sampan)
        {
            return Checkout.Executable(Sampan);
        }

        var found = Shell.Find(Docker);
        if (found is null)
        {
            Assert.Skip("the docker client is not installed on this machine");
        }

        return found;
    }
}
