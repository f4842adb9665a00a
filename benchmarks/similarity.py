"""`python -m benchmarks.similarity`: how well compared texts tell who knows what, beside published methods.

Measured on "A Gold Standard Dataset for the Reviewer Assignment Problem" (Stelmakh, Wieting, Neubig and Shah 2023): 58
people rated how well they know 477 papers; a method reads titles and abstracts of up to 20 papers of each person and
says how near each rated paper is. The data are not part of this repository: name their directory with --data or the
environment variable MENTORMATCH_BENCH_DATA.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from mentormatch.matching.comparisons.text import TextSimilarity

PUBLISHED = {"TPMS": 0.281, "ELMo": 0.345, "ACL": 0.296, "SPECTER": 0.269, "SPECTER+MFR": 0.238}
"""Losses of the published predictions, the mean of ten subsets."""

CHOSEN_ON, REPORTED_ON = "d_20_1", ("d_20_2", "d_20_3")
FADINGS = (0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
POOLED = 10
RESAMPLED = 1000
MISSING = """The gold standard was not found{where}.
It is public: GitHub repository niharshah/goldstandard-reviewer-paper-match. Clone it; then:
python -m benchmarks.similarity --data DIRECTORY, or set MENTORMATCH_BENCH_DATA."""

Similarity = NDArray[np.float64]
Ratings = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Subset:
    """Papers that were rated, and the papers of each person: id -> text, person -> texts."""

    papers: Mapping[str, str]
    people: Mapping[str, Sequence[str]]


def read_ratings(path: Path) -> Ratings:
    """Read person -> paper -> expertise, 1 to 5."""
    with path.open(newline="") as lines:
        return {
            row["ParticipantID"]: {
                row[f"Paper{k}"]: float(row[f"Expertise{k}"]) for k in range(1, 11) if row[f"Paper{k}"]
            }
            for row in csv.DictReader(lines, delimiter="\t")
        }


def read_subset(folder: Path) -> Subset:
    papers = json.loads((folder / "submissions.json").read_text())
    people = {
        path.stem.removeprefix("~"): [_text(json.loads(line)) for line in path.read_text().splitlines() if line]
        for path in sorted((folder / "archives").glob("*.jsonl"))
    }
    return Subset({key: _text(papers[key]) for key in sorted(papers)}, people)


def _text(paper: Mapping[str, Mapping[str, str | None]]) -> str:
    content = paper["content"]
    return f"{content['title'] or ''}.\n{content['abstract'] or ''}"


def losses(similarity: Similarity, subset: Subset, ratings: Ratings) -> NDArray[np.float64]:
    """Return loss and largest possible loss of each person, shape (people, 2), in the order of `ratings`.

    The weighted Kendall loss: each two papers that a person rated differently cost the difference of the ratings when
    the similarities say the opposite, and half of it when they are equal.
    """
    row = {paper: number for number, paper in enumerate(subset.papers)}
    column = {person: number for number, person in enumerate(subset.people)}
    table = np.zeros((len(ratings), 2))
    for number, (person, rated) in enumerate(ratings.items()):
        said = similarity[[row[paper] for paper in rated], column[person]]
        known = np.array(list(rated.values()))
        ahead = known[:, None] - known[None, :]
        agree = np.sign(said[:, None] - said[None, :])
        better = ahead > 0
        table[number] = (ahead[better] * (1 - agree[better]) / 2).sum(), ahead[better].sum()
    return table


def product(fading: float) -> Callable[[Subset], Similarity]:
    """Return our comparison of texts, one by one, in which the most similar count most."""

    def method(subset: Subset) -> Similarity:
        papers = [{"id": key, "text": text} for key, text in subset.papers.items()]
        people = [{"id": key, "text": list(texts)} for key, texts in subset.people.items()]
        comparison = TextSimilarity(("text",), ("text",), fading=fading).fit(papers, people)
        return comparison.closeness(slice(None), slice(None)).astype(np.float64)

    return method


def glued(subset: Subset) -> Similarity:
    """Plain TF-IDF of scikit-learn: all texts of a person as one."""
    vectoriser = TfidfVectorizer(stop_words="english")
    people = ["\n".join(texts) for texts in subset.people.values()]
    vectors = vectoriser.fit_transform([*subset.papers.values(), *people])
    many = len(subset.papers)
    return np.asarray((vectors[:many] @ vectors[many:].T).toarray())


def pooled(best: int, words: int) -> Callable[[Subset], Similarity]:
    """Return TF-IDF of scikit-learn, text by text, with the mean of the best few; runs of up to `words` words."""

    def method(subset: Subset) -> Similarity:
        vectoriser = TfidfVectorizer(stop_words="english", sublinear_tf=True, ngram_range=(1, words))
        texts = [text for several in subset.people.values() for text in several]
        vectors = vectoriser.fit_transform([*subset.papers.values(), *texts])
        many = len(subset.papers)
        alike = (vectors[:many] @ vectors[many:].T).toarray()
        ends = np.cumsum([len(several) for several in subset.people.values()])
        parts = np.split(alike, ends[:-1], axis=1)
        return np.column_stack([np.sort(part, axis=1)[:, -best:].mean(axis=1) for part in parts])

    return method


def report(name: str, method: Callable[[Subset], Similarity], subsets: Sequence[Subset], ratings: Ratings) -> None:
    """Print the loss on each subset, the mean, and the interval over people drawn with replacement."""
    tables = np.array([losses(method(subset), subset, ratings) for subset in subsets])
    each = tables[:, :, 0].sum(axis=1) / tables[:, :, 1].sum(axis=1)
    drawn = np.random.default_rng(0).integers(0, len(ratings), (RESAMPLED, len(ratings)))
    again = tables[:, drawn].sum(axis=2)
    low, high = np.percentile((again[:, :, 0] / again[:, :, 1]).mean(axis=0), (2.5, 97.5))
    figures = "  ".join(f"{value:.3f}" for value in each)
    print(f"{name:<58}{each.mean():.3f}   [{low:.3f}, {high:.3f}]   {figures}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("MENTORMATCH_BENCH_DATA"), help="directory of the data set")
    arguments = parser.parse_args()
    places = [Path(arguments.data), Path(arguments.data) / "goldstandard"] if arguments.data else []
    place = next((one for one in places if (one / "data" / "evaluations.csv").exists()), None)
    if place is None:
        sys.exit(MISSING.format(where=f" in {arguments.data}" if arguments.data else ""))
    ratings = read_ratings(place / "data" / "evaluations.csv")
    chosen, *others = (read_subset(place / "evaluation_datasets" / name) for name in (CHOSEN_ON, *REPORTED_ON))
    tried = {}
    for fading in FADINGS:
        table = losses(product(fading)(chosen), chosen, ratings)
        tried[fading] = table[:, 0].sum() / table[:, 1].sum()
    best = min(tried, key=lambda fading: (tried[fading], fading))
    print(f"Weighted Kendall loss, lower is better; {len(ratings)} people. Fading chosen on {CHOSEN_ON}: ", end="")
    print(", ".join(f"{fading:g}: {loss:.3f}" for fading, loss in tried.items()))
    print(f"\n{'reported on ' + ', '.join(REPORTED_ON):<58}mean    95 % interval    each")
    delivered = TextSimilarity().fading
    report(f"ours, as delivered (fading {delivered:g})", product(delivered), others, ratings)
    if best != delivered:
        report(f"ours, fading {best:g} (best on {CHOSEN_ON})", product(best), others, ratings)
    report("scikit-learn TF-IDF, words, texts glued together", glued, others, ratings)
    report(f"scikit-learn TF-IDF, words, mean of the best {POOLED}", pooled(POOLED, 1), others, ratings)
    report(f"scikit-learn TF-IDF, words 1-2, mean of the best {POOLED}", pooled(POOLED, 2), others, ratings)
    for name, loss in PUBLISHED.items():
        print(f"{name + ', published, mean of ten subsets':<58}{loss:.3f}")


if __name__ == "__main__":
    main()
