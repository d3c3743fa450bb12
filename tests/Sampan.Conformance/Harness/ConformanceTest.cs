using System.Runtime.CompilerServices;

namespace Sampan.Conformance.Harness;

/// <summary>Base of the tests: each promise is stated in <see cref="Conforms"/>, which knows the declared deviations.</summary>
public abstract class ConformanceTest : IDisposable
{
    private readonly List<Container> _containers = [];

    /// <summary>A new container, removed with all it left at the test's end.</summary>
    internal Container NewContainer(string script = "true")
    {
        var container = new Container(script);
        _containers.Add(container);
        return container;
    }

    /// <summary>Holds the runtime to a promise. Where a deviation is declared the promise must be broken.</summary>
    /// <param name="promise">Throws if it is broken.</param>
    /// <param name="test">Name of the test.</param>
    internal static void Conforms(Action promise, [CallerMemberName] string test = "")
    {
        if (Deviations.Find(RuntimeUnderTest.Name, test, TestContext.Current.Test?.TestDisplayName ?? "") is not { } deviation)
        {
            promise();
            return;
        }
        try
        {
            promise();
        }
        catch (Exception broken) when (broken is ShouldAssertException or System.Text.Json.JsonException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"declared deviation of {deviation.Runtime}: {deviation.Reason}");
            Assert.SkipWhen(deviation.IsPending, deviation.Reason);
            return;
        }
        if (deviation.IsPending)
            return;
        Assert.Fail($"{deviation.Runtime} conforms here by now: take its entry for '{test}' out of the deviations ({deviation.Reason})");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var container in _containers)
            container.Dispose();
        GC.SuppressFinalize(this);
    }
}
