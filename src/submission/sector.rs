//! The sixteen sectors of critical infrastructure, as CISA names them, and how a report tells which ones it is about.
//! Enter at [`Sector::told_by`].

use super::slug;

words! {
    /// A sector of critical infrastructure.
    Sector {
        /// Makers of chemicals.
        Chemical => "chemical",
        /// Shops, hotels, venues, media.
        CommercialFacilities => "commercial-facilities",
        /// Telephone, cable, satellite, internet access.
        Communications => "communications",
        /// Metals, machines, vehicles, electrical equipment.
        CriticalManufacturing => "critical-manufacturing",
        /// Dams and locks.
        Dams => "dams",
        /// Suppliers of armed forces.
        DefenseIndustrialBase => "defense-industrial-base",
        /// Police, fire brigades, rescue.
        EmergencyServices => "emergency-services",
        /// Electricity, oil, gas.
        Energy => "energy",
        /// Banks, insurance, exchanges.
        FinancialServices => "financial-services",
        /// Farms, food, restaurants.
        FoodAndAgriculture => "food-and-agriculture",
        /// Public authorities, elections, schools and universities.
        GovernmentFacilities => "government-facilities",
        /// Hospitals, medicine, public health.
        Healthcare => "healthcare",
        /// Makers and providers of computing.
        InformationTechnology => "information-technology",
        /// Reactors, materials, waste.
        Nuclear => "nuclear",
        /// Aviation, shipping, rail, road, post.
        TransportationSystems => "transportation-systems",
        /// Drinking water and waste water.
        Water => "water",
    }
}

/// Other names of sectors, in the form of [`slug`].
const ALIASES: &[(&str, Sector)] = &[
    ("agriculture", Sector::FoodAndAgriculture),
    ("banking", Sector::FinancialServices),
    ("chemicals", Sector::Chemical),
    ("commercial", Sector::CommercialFacilities),
    ("communication", Sector::Communications),
    ("defence", Sector::DefenseIndustrialBase),
    ("defense", Sector::DefenseIndustrialBase),
    ("education", Sector::GovernmentFacilities),
    ("finance", Sector::FinancialServices),
    ("financial", Sector::FinancialServices),
    ("food", Sector::FoodAndAgriculture),
    ("government", Sector::GovernmentFacilities),
    (
        "government-services-and-facilities",
        Sector::GovernmentFacilities,
    ),
    ("health", Sector::Healthcare),
    ("healthcare-and-public-health", Sector::Healthcare),
    ("it", Sector::InformationTechnology),
    ("manufacturing", Sector::CriticalManufacturing),
    ("nuclear-reactors-materials-and-waste", Sector::Nuclear),
    ("technology", Sector::InformationTechnology),
    ("telecommunications", Sector::Communications),
    ("transport", Sector::TransportationSystems),
    ("transportation", Sector::TransportationSystems),
    ("wastewater", Sector::Water),
    ("water-and-wastewater", Sector::Water),
    ("water-and-wastewater-systems", Sector::Water),
];

/// What a report says where it is about a sector. A `*` stands for the rest of a word. Words that reports use in passing
/// (software, network, government-backed) are not among them.
const PHRASES: &[(Sector, &[&str])] = &[
    (
        Sector::Chemical,
        &[
            "chemical sector",
            "chemical industry",
            "chemical compan*",
            "chemical plant*",
            "petrochemical*",
        ],
    ),
    (
        Sector::CommercialFacilities,
        &[
            "retail",
            "retailer*",
            "hospitality",
            "hotel*",
            "casino*",
            "gaming industry",
            "entertainment industry",
            "real estate",
            "e commerce",
            "ecommerce",
            "media organi*",
            "media compan*",
            "news organi*",
        ],
    ),
    (
        Sector::Communications,
        &[
            "telecom*",
            "isps",
            "internet service provider*",
            "mobile operator*",
            "satellite communication*",
            "broadcaster*",
        ],
    ),
    (
        Sector::CriticalManufacturing,
        &[
            "manufacturing",
            "manufacturer*",
            "automotive",
            "industrial compan*",
            "semiconductor*",
            "steel*",
        ],
    ),
    (
        Sector::Dams,
        &["dam operator*", "hydroelectric dam*", "dams sector"],
    ),
    (
        Sector::DefenseIndustrialBase,
        &[
            "defense industr*",
            "defence industr*",
            "defense contractor*",
            "defence contractor*",
            "defense sector",
            "defence sector",
            "military contractor*",
            "aerospace",
            "defense compan*",
            "defence compan*",
        ],
    ),
    (
        Sector::EmergencyServices,
        &[
            "emergency services",
            "emergency service",
            "first responder*",
            "police department*",
            "fire department*",
            "911 call*",
        ],
    ),
    (
        Sector::Energy,
        &[
            "energy",
            "oil and gas",
            "electric grid*",
            "power grid*",
            "electric utilit*",
            "power plant*",
            "electricity",
            "pipeline operator*",
            "fuel pipeline*",
            "gas pipeline*",
            "oil pipeline*",
            "power utilit*",
            "petroleum",
            "wind farm*",
            "solar farm*",
        ],
    ),
    (
        Sector::FinancialServices,
        &[
            "bank",
            "banks",
            "banking",
            "financial institution*",
            "financial services",
            "financial sector",
            "financial industry",
            "financial organi*",
            "fintech*",
            "insurer*",
            "insurance",
            "stock exchange*",
            "cryptocurrency exchange*",
            "payment processor*",
            "credit union*",
        ],
    ),
    (
        Sector::FoodAndAgriculture,
        &[
            "agricultur*",
            "food sector",
            "food industry",
            "food compan*",
            "food producer*",
            "farming",
            "meat process*",
            "restaurant*",
        ],
    ),
    (
        Sector::GovernmentFacilities,
        &[
            "government agenc*",
            "government entit*",
            "government organi*",
            "government institution*",
            "government sector",
            "government network*",
            "government department*",
            "government official*",
            "government target*",
            "government bod*",
            "governments",
            "ministry",
            "ministries",
            "embassy",
            "embassies",
            "public sector",
            "federal agenc*",
            "municipal*",
            "parliament*",
            "diplomat*",
            "election*",
            "universit*",
            "schools",
            "school district*",
            "education sector",
            "educational institution*",
            "education facilit*",
            "higher education",
        ],
    ),
    (
        Sector::Healthcare,
        &[
            "healthcare",
            "health care",
            "hospital",
            "hospitals",
            "medical",
            "pharmaceutical*",
            "public health",
            "clinic",
            "clinics",
            "patient data",
            "biotech*",
        ],
    ),
    (
        Sector::InformationTechnology,
        &[
            "managed service provider*",
            "msps",
            "it service*",
            "it sector",
            "it compan*",
            "it provider*",
            "technology sector",
            "technology compan*",
            "tech compan*",
            "software compan*",
            "software vendor*",
            "software supply chain",
            "cloud service provider*",
            "cloud provider*",
            "hosting provider*",
            "information technology",
        ],
    ),
    (
        Sector::Nuclear,
        &[
            "nuclear power",
            "nuclear plant*",
            "nuclear facilit*",
            "nuclear sector",
            "nuclear reactor*",
            "nuclear energy",
        ],
    ),
    (
        Sector::TransportationSystems,
        &[
            "transportation",
            "transport sector",
            "logistics",
            "airline*",
            "airport*",
            "aviation",
            "maritime",
            "shipping compan*",
            "shipping industry",
            "railway*",
            "railroad*",
            "freight",
            "trucking",
            "port operator*",
            "postal service*",
        ],
    ),
    (
        Sector::Water,
        &[
            "water utilit*",
            "water sector",
            "water treatment",
            "water system*",
            "water facilit*",
            "wastewater",
            "waste water",
            "drinking water",
        ],
    ),
];

impl Sector {
    /// The sector of this name or of one of its other names, in any case, with blanks and underscores for hyphens.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = slug(name);
        let alias = || ALIASES.iter().find(|(alias, _)| *alias == name);
        name.parse()
            .ok()
            .or_else(|| alias().map(|(_, sector)| *sector))
    }

    /// The sectors that a report is about, as its title and summary tell, in the order of [`Sector::ALL`].
    #[must_use]
    pub fn told_by(title: Option<&str>, summary: Option<&str>) -> Vec<Self> {
        // Each text between blanks of its own: no phrase reaches from one into the other.
        let mut words = String::from(" ");
        for text in [title, summary].into_iter().flatten() {
            for word in text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
            {
                words.push_str(&word.to_lowercase());
                words.push(' ');
            }
            words.push_str(". ");
        }
        let tells = |phrase: &&str| match phrase.strip_suffix('*') {
            Some(start) => words.contains(&format!(" {start}")),
            None => words.contains(&format!(" {phrase} ")),
        };
        PHRASES
            .iter()
            .filter(|(_, phrases)| phrases.iter().any(tells))
            .map(|(sector, _)| *sector)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sector_has_a_name_other_names_and_phrases_that_tell_of_it() {
        let told: Vec<Sector> = PHRASES.iter().map(|(sector, _)| *sector).collect();
        assert_eq!(told, Sector::ALL);
        for sector in Sector::ALL {
            assert_eq!(Sector::named(sector.as_str()), Some(*sector));
        }
        for (alias, sector) in ALIASES {
            assert_eq!(Sector::named(alias), Some(*sector));
            assert!(alias.parse::<Sector>().is_err(), "{alias} is a name itself");
        }
        assert_eq!(
            Sector::named("Healthcare and Public Health"),
            Some(Sector::Healthcare)
        );
        assert_eq!(Sector::named("energetic"), None);
    }

    #[test]
    fn title_and_summary_tell_and_words_in_passing_do_not() {
        let told = |title: &str, summary: &str| {
            Sector::told_by(Some(title), Some(summary).filter(|text| !text.is_empty()))
        };
        assert_eq!(
            told(
                "Ransomware hits hospitals",
                "It also reached two water utilities."
            ),
            [Sector::Healthcare, Sector::Water]
        );
        assert_eq!(told("A wiper in the ENERGY-sector", ""), [Sector::Energy]);
        assert_eq!(told("Fuel pipelines stand still", ""), [Sector::Energy]);
        assert_eq!(
            told(
                "A government-backed group ships new software",
                "The river bankside."
            ),
            []
        );
        assert_eq!(told("Attacks on oil", "and gas"), []);
        assert_eq!(Sector::told_by(None, None), []);
    }
}
